"""Web Push: notices on people's devices, through the push services of the browsers' makers."""
