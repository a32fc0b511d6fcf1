//! The server: what the protocol asks, answered for one vault over any transport.

use std::sync::Arc;

use journal_engine::Engine;
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CompleteRequestParams, CompleteResult, ErrorCode,
        GetPromptRequestParams, GetPromptResponse, Implementation, ListPromptsResult, ListResourceTemplatesResult,
        ListResourcesResult, ListToolsResult, PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse,
        ServerCapabilities, ServerConfig,
    },
    service::RequestContext,
};

use crate::{
    completions,
    instructions::instructions,
    order::{Place, Turnstile},
    prompts, resources,
    serving::{ServeOptions, Serving},
    tools::{self, Call, Entry},
};

/// A tool that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no tool `{name}`; there are {}", .there.iter().map(|tool| format!("`{tool}`")).collect::<Vec<_>>().join(", "))]
pub struct UnknownTool {
    /// As asked for.
    pub name: String,
    /// The tools there are.
    pub there: Vec<&'static str>,
}

/// The MCP server over an engine. Clones serve the same; nothing in it belongs to a connection.
#[derive(Clone)]
pub struct JournalServer(Arc<Inner>);

struct Inner {
    serving: Serving,
    tools: Vec<Entry>,
    turnstile: Turnstile,
}

impl JournalServer {
    /// A server over an engine. Opens and reads nothing.
    ///
    /// # Errors
    /// When the options name a tool that is none.
    pub fn new(engine: Arc<Engine>, options: ServeOptions) -> Result<Self, UnknownTool> {
        let mut tools = tools::all();
        if let Some(wanted) = &options.tools {
            let there = || tools.iter().map(Entry::name).collect();
            if let Some(name) = wanted.iter().find(|name| !tools.iter().any(|tool| tool.name() == name.as_str())) {
                return Err(UnknownTool { name: name.clone(), there: there() });
            }
            tools.retain(|tool| wanted.iter().any(|name| name == tool.name()));
        }
        tools.retain(|tool| !(options.read_only && tool.nature().writes()));
        let serving = Serving::new(engine, options);
        Ok(Self(Arc::new(Inner { serving, tools, turnstile: Turnstile::default() })))
    }

    /// A place in the order of writing for a call of this tool; none for tools that only read or take long.
    pub(crate) fn place(&self, tool: &str) -> Option<Place> {
        let ordered = self.tool(tool).is_some_and(Entry::is_ordered);
        ordered.then(|| self.0.turnstile.take())
    }

    fn tool(&self, name: &str) -> Option<&Entry> {
        self.0.tools.iter().find(|tool| tool.name() == name)
    }
}

impl ServerHandler for JournalServer {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_resources()
            .enable_prompts()
            .enable_completions()
            .build();
        let instructions = instructions(self.0.serving.options().read_only, |tool| self.tool(tool).is_some());
        let this = Implementation::new("journal", env!("CARGO_PKG_VERSION")).with_title("journal");
        ServerConfig::new(capabilities).with_server_info(this).with_instructions(instructions)
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.0.tools.iter().map(|tool| tool.tool().clone()).collect()))
    }

    fn get_tool(&self, name: &str) -> Option<rmcp::model::Tool> {
        self.tool(name).map(|entry| entry.tool().clone())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(entry) = self.tool(&request.name) else {
            let there: Vec<_> = self.0.tools.iter().map(Entry::name).collect();
            let message = format!("there is no tool `{}`; there are: {}", request.name, there.join(", "));
            return Err(ErrorData::new(ErrorCode::INVALID_PARAMS, message, None));
        };
        // A transport that keeps the order has given the place when the message came.
        let place = context.extensions.get::<Place>().cloned().or_else(|| self.place(&request.name));
        let call = Call { serving: self.0.serving.clone(), context, place };
        Ok(entry.run(call, request.arguments.unwrap_or_default()).await.into())
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        resources::list(&self.0.serving, request.and_then(|request| request.cursor)).await
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(ListResourceTemplatesResult::with_all_items(resources::templates()))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        Ok(resources::read(&self.0.serving, &request.uri).await?.into())
    }

    async fn list_prompts(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(ListPromptsResult::with_all_items(prompts::all()))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        Ok(prompts::get(&self.0.serving, &request.name, request.arguments.unwrap_or_default()).await?.into())
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        completions::complete(&self.0.serving, &request).await
    }
    /// Nothing is logged to clients, so every level is as good as another. Some clients set one without being asked.
    #[expect(deprecated, reason = "clients of the revisions that have it go on using it")]
    async fn set_level(
        &self,
        _request: rmcp::model::SetLevelRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        Ok(())
    }
}
