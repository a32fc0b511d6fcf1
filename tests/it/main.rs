//! The integration tests of `journal`, one module a feature.

mod cli; // the command as people, agents and scripts use it
mod coordination; // many agents at once: locks, claims, who is here, who is told
mod documents; // sessions as documents: exported, imported again, shown inside Obsidian
mod engine; // the trips over real files: append, hydrate, relocate, and what others do to the notes meanwhile
mod hostile; // names, texts and surroundings that nobody wishes for
mod http; // the server at an address: who comes in, what it bears, how it ends
mod index; // the index equals its vault, whatever happens to either, and whoever is killed
mod mcp; // the server as agents use it: eras, order, budgets, refusals, and when it ends
mod models; // models of meaning: fetched, chosen, at work in the background
mod nothing_lost; // what was acknowledged stays, whatever fails, is killed, races or is merged
mod runtimes; // the built-in runtime gives the vectors that ONNX Runtime gives
mod tidy; // rules about the tree: arrows, fences, sizes, who may print
mod watching; // the notes are watched: whoever changes them, however, the index follows by itself
