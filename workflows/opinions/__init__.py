"""What people say and promise: questionnaires, mass appraisal (民主测评), votes, pledges, attendance with proof."""
