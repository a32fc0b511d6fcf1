//! What the documents of a session say, and that no text of a thought gets a meaning of its own in them.
