"""Registers (登记簿): patients, licences, loans, works; each entry may have a case, and a least frequency of events."""
