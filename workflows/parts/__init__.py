"""What the parts of a campaign share: whom they are about, exact numbers, periods, sections of the plan."""
