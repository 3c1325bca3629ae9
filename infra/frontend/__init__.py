"""The two pages of the project, the chat widget and the desk: from TypeScript to the files that browsers load."""
