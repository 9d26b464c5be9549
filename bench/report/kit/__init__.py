"""What every report is made of: tables, words, sentences, the terminal and the folder that files go into."""
