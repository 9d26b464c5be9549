"""The lessons of the tour for teachers: what each measures and claims, and what a run says of that."""
