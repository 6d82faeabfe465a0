"""Where the gateways of channels hand over what they have: text messages, receipts, chats, calls."""
