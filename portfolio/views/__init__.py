"""The pages over several rooms: Today, Portfolio, the account page, the palette."""
