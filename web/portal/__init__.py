"""The public pages: complain, look how a case stands, answer the survey."""
