"""The base year: residents, people by status with what they carry, and fund balances."""
