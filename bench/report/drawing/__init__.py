"""How every chart looks: theme, letters, labels, and the files it becomes."""
