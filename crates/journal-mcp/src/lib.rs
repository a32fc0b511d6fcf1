//! The engine spoken over MCP: wire types, tools, error mapping, stdio and HTTP.
