//! Where the core names a memory ordering or a fence, and how each place is made to choose at run time.

use anyhow::{Result, bail, ensure};
use proc_macro2::{LineColumn, Span, TokenStream, TokenTree};
use serde::{Deserialize, Serialize};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// How the reason for a survivor is given in the source: in a comment of its own, on the site's lines or
/// directly above its statement.
const KEPT: &str = "// kept:";

/// What stays the same when other lines of a file change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// From the root of the workspace.
    pub file: String,
    /// With its type.
    pub function: String,
    /// The site's number in the function, from one.
    pub number: usize,
}

/// One place.
#[derive(Clone, Debug)]
pub struct Site {
    /// What the built program knows it by.
    pub id: usize,
    /// Its identity.
    pub key: Key,
    /// The numbers of the edges that the comment at it names.
    pub edge: String,
    /// The line.
    pub text: String,
    /// What it may be weakened to.
    pub mutants: Vec<&'static str>,
    /// Why some of them need not be noticed.
    pub kept: Option<String>,
}

/// What an ordering is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Load,
    Store,
    /// A read-modify-write.
    Both,
    Fence,
}

fn mutants(role: Role, ordering: &str) -> &'static [&'static str] {
    match (role, ordering) {
        (_, "Relaxed") => &[],
        (Role::Load, "SeqCst") => &["Acquire", "Relaxed"],
        (Role::Store, "SeqCst") => &["Release", "Relaxed"],
        (Role::Both, "SeqCst") => &["AcqRel", "Acquire", "Release", "Relaxed"],
        (Role::Both, "AcqRel") => &["Acquire", "Release", "Relaxed"],
        (Role::Fence, "SeqCst") => &["AcqRel", "removed"],
        (Role::Fence, "AcqRel") => &["Acquire", "Release", "removed"],
        (Role::Fence, _) => &["removed"],
        _ => &["Relaxed"],
    }
}

/// A text that takes the place of a part of the source.
struct Edit {
    from: usize,
    to: usize,
    text: String,
}

/// Finds the sites of one file; returns them and the text in which they choose. `krate` is the path of
/// the module `planted`; numbers start with `first`.
pub fn rewrite(
    file: &str,
    source: &str,
    planted: &str,
    first: usize,
) -> Result<(Vec<Site>, String)> {
    let parsed = syn::parse_file(source)?;
    let mut finder = Finder {
        file,
        planted,
        first,
        lines: Lines::new(source),
        names: Vec::new(),
        statements: Vec::new(),
        sites: Vec::new(),
        edits: Vec::new(),
        unclear: Vec::new(),
    };
    finder.visit_file(&parsed);
    ensure!(
        finder.unclear.is_empty(),
        "{file}: no operation that these orderings belong to is known: {}",
        finder.unclear.join("; ")
    );
    let text = apply(source, finder.edits)?;
    Ok((finder.sites, text))
}

fn apply(source: &str, mut edits: Vec<Edit>) -> Result<String> {
    edits.sort_by_key(|edit| edit.from);
    let (mut out, mut at) = (String::new(), 0);
    for edit in edits {
        ensure!(at <= edit.from, "two sites overlap");
        out.push_str(&source[at..edit.from]);
        out.push_str(&edit.text);
        at = edit.to;
    }
    out.push_str(&source[at..]);
    Ok(out)
}

/// The lines of a file, and where they start.
struct Lines<'a> {
    source: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(source: &'a str) -> Self {
        let ends = source.match_indices('\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(ends).collect();
        Self { source, starts }
    }

    /// The trimmed text of a line; lines count from one.
    fn line(&self, line: usize) -> &'a str {
        let from = self.starts[line - 1];
        self.source[from..].lines().next().unwrap_or("").trim()
    }

    /// `proc_macro2` counts columns in characters.
    fn offset(&self, place: LineColumn) -> usize {
        let from = self.starts[place.line - 1];
        let before = self.source[from..].chars().take(place.column);
        from + before.map(char::len_utf8).sum::<usize>()
    }

    fn range(&self, span: Span) -> (usize, usize) {
        (self.offset(span.start()), self.offset(span.end()))
    }

    /// The comments from the block above `first` to the line `last`.
    fn comments(&self, first: usize, last: usize) -> Vec<&'a str> {
        let mut from = first;
        while from > 1 && self.line(from - 1).starts_with("//") {
            from -= 1;
        }
        let comment = |line| {
            let text = self.line(line);
            text.find("//").map(|at| &text[at..])
        };
        (from..=last).filter_map(comment).collect()
    }
}

/// The reason after [`KEPT`], with the comment lines that follow.
fn kept(comments: &[&str]) -> Option<String> {
    let at = comments.iter().position(|line| line.starts_with(KEPT))?;
    let words = |line: &&str| line.trim_start_matches('/').trim().to_owned();
    let reason: Vec<_> = comments[at..].iter().map(words).collect();
    let reason = reason.join(" ");
    Some(reason.trim_start_matches("kept:").trim().to_owned())
}

/// Numbers in parentheses: `(6)`.
fn edges(comments: &[&str]) -> String {
    let text = comments.join(" ");
    let mut found: Vec<String> = Vec::new();
    for part in text.split('(').skip(1) {
        let number = part.split([')', ',']).next().unwrap_or("");
        let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        if is_number && !found.iter().any(|known| known == number) {
            found.push(number.to_owned());
        }
    }
    found.join(" ")
}

struct Finder<'a> {
    file: &'a str,
    planted: &'a str,
    first: usize,
    lines: Lines<'a>,
    names: Vec<String>,
    /// The lines on which the statements start that are being visited.
    statements: Vec<usize>,
    sites: Vec<Site>,
    edits: Vec<Edit>,
    unclear: Vec<String>,
}

impl Finder<'_> {
    fn site(&mut self, span: Span, mutants: &[&'static str]) -> usize {
        let id = self.first + self.sites.len();
        let function = self.names.join("::");
        let same = self
            .sites
            .iter()
            .filter(|site| site.key.function == function);
        let number = same.count() + 1;
        let (first, last) = (span.start().line, span.end().line);
        let statement = self.statements.last().copied().unwrap_or(first);
        let comments = self.lines.comments(statement, last);
        // A comment inside a statement belongs to what stands below it.
        let near = self.lines.comments(first, last);
        let edge = if near.is_empty() {
            edges(&comments)
        } else {
            edges(&near)
        };
        let key = Key {
            file: self.file.to_owned(),
            function,
            number,
        };
        self.sites.push(Site {
            id,
            key,
            edge,
            text: self.lines.line(first).to_owned(),
            mutants: mutants.to_vec(),
            kept: kept(&comments),
        });
        id
    }

    fn ordering(&mut self, argument: &syn::Expr, role: Role) {
        let Some(ordering) = ordering_of(argument) else {
            return;
        };
        let mutants = mutants(role, &ordering);
        if mutants.is_empty() {
            return;
        }
        let id = self.site(argument.span(), mutants);
        let (from, to) = self.lines.range(argument.span());
        let text = format!(
            "{}::ordering({id}, {})",
            self.planted,
            &self.lines.source[from..to]
        );
        self.edits.push(Edit { from, to, text });
    }

    fn named(&mut self, name: String, go: impl FnOnce(&mut Self)) {
        self.names.push(name);
        go(self);
        self.names.pop();
    }
}

/// `X` of `Ordering::X`.
fn ordering_of(expression: &syn::Expr) -> Option<String> {
    let syn::Expr::Path(path) = expression else {
        return None;
    };
    let mut segments = path.path.segments.iter().rev();
    let last = segments.next()?.ident.to_string();
    (segments.next()?.ident == "Ordering").then_some(last)
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else {
            return false;
        };
        let tokens = list.tokens.to_string();
        // Only what is for tests alone, not `cfg(any(test, ..))`.
        list.path.is_ident("cfg") && (tokens == "test" || tokens.starts_with("all (test"))
    })
}

fn roles(method: &str) -> Option<&'static [Role]> {
    Some(match method {
        "load" => &[Role::Load],
        "store" => &[Role::Store],
        "compare_exchange" | "compare_exchange_weak" | "fetch_update" => &[Role::Both, Role::Load],
        "swap" => &[Role::Both],
        fetch if fetch.starts_with("fetch_") => &[Role::Both],
        _ => return None,
    })
}

/// What would be a site if a macro's tokens were code.
const NAMES: [&str; 6] = [
    "Acquire",
    "Release",
    "AcqRel",
    "SeqCst",
    "fence",
    "fence_after_rmw",
];

fn names_ordering(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(name) => NAMES.iter().any(|known| name == known),
        TokenTree::Group(group) => names_ordering(group.stream()),
        _ => false,
    })
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let skipped = match item {
            syn::Item::Mod(module) => is_test(&module.attrs),
            syn::Item::Fn(function) => is_test(&function.attrs),
            // `Ordering` is a name like others there.
            syn::Item::Use(_) => true,
            _ => false,
        };
        if !skipped {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.named(function.sig.ident.to_string(), |finder| {
            visit::visit_item_fn(finder, function);
        });
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.named(function.sig.ident.to_string(), |finder| {
            visit::visit_impl_item_fn(finder, function);
        });
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let of = |path: &syn::Path| path.segments.last().map(|last| last.ident.to_string());
        let mut name = match &*item.self_ty {
            syn::Type::Path(path) => of(&path.path).unwrap_or_default(),
            _ => "impl".to_owned(),
        };
        if let Some((_, path, _)) = &item.trait_ {
            name = format!("{name} as {}", of(path).unwrap_or_default());
        }
        self.named(name, |finder| visit::visit_item_impl(finder, item));
    }

    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        self.statements.push(statement.span().start().line);
        visit::visit_stmt(self, statement);
        self.statements.pop();
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        self.statements.push(arm.span().start().line);
        visit::visit_arm(self, arm);
        self.statements.pop();
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let roles = roles(&call.method.to_string()).unwrap_or(&[]);
        let orderings: Vec<_> = call
            .args
            .iter()
            .filter(|arg| ordering_of(arg).is_some())
            .collect();
        if roles.len() == orderings.len() {
            for (argument, role) in orderings.into_iter().zip(roles) {
                self.ordering(argument, *role);
            }
            self.visit_expr(&call.receiver);
            for argument in call.args.iter().filter(|arg| ordering_of(arg).is_none()) {
                self.visit_expr(argument);
            }
        } else {
            visit::visit_expr_method_call(self, call);
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        let name = match &*call.func {
            syn::Expr::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
            _ => None,
        };
        let ordering = match name.as_deref() {
            Some("fence") => call.args.first().and_then(ordering_of),
            Some("fence_after_rmw") => Some("SeqCst".to_owned()),
            _ => return visit::visit_expr_call(self, call),
        };
        let Some(ordering) = ordering else {
            self.unclear
                .push(self.lines.line(call.span().start().line).to_owned());
            return;
        };
        let id = self.site(call.span(), mutants(Role::Fence, &ordering));
        let (from, to) = self.lines.range(call.span());
        let text = format!(
            "{}::fence({id}, || {})",
            self.planted,
            &self.lines.source[from..to]
        );
        self.edits.push(Edit { from, to, text });
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        // One that no call above has taken.
        let relaxed = path
            .path
            .segments
            .last()
            .is_some_and(|last| last.ident == "Relaxed");
        if !relaxed
            && path
                .path
                .segments
                .iter()
                .any(|segment| segment.ident == "Ordering")
        {
            self.unclear
                .push(self.lines.line(path.span().start().line).to_owned());
        }
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        if names_ordering(item.tokens.clone()) {
            self.unclear
                .push(self.lines.line(item.span().start().line).to_owned());
        }
    }
}

/// Replaces what stands exactly once in the text.
pub fn replace_once(text: &str, before: &str, after: &str) -> Result<String> {
    match text.matches(before).count() {
        1 => Ok(text.replacen(before, after, 1)),
        0 => bail!("the text is not there:\n{before}"),
        n => bail!("the text is there {n} times:\n{before}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "
use a::Ordering;
impl<T> Slots<T> {
    fn pin(&self) {
        // (11) AcqRel, as (13) says.
        // kept: nobody reads it,
        // or so it seems.
        let ok = self
            .slot
            .compare_exchange(0, \"ü\".len(), Ordering::AcqRel, Ordering::Acquire);
        // (12) Another.
        fence_after_rmw();
        if self.a.load(Ordering::Relaxed) == 0 { self.a.store(1, Ordering::Release) }
        fence(Ordering::SeqCst);
    }
}
#[cfg(test)]
mod tests { fn f(a: &A) { a.load(Ordering::SeqCst); } }
";

    fn sites(source: &str) -> Result<(Vec<Site>, String)> {
        rewrite("x.rs", source, "p", 10)
    }

    #[test]
    fn each_place_is_found_with_its_identity() {
        let (sites, _) = sites(SOURCE).unwrap();
        let all: Vec<_> = sites
            .iter()
            .map(|s| (s.id, s.key.number, s.edge.as_str()))
            .collect();
        let edges = [
            (10, 1, "11 13"),
            (11, 2, "11 13"),
            (12, 3, "12"),
            (13, 4, ""),
            (14, 5, ""),
        ];
        assert_eq!(all, edges);
        assert!(sites.iter().all(|site| site.key.function == "Slots::pin"));
        let reason = Some("nobody reads it, or so it seems.");
        assert_eq!(sites[0].kept.as_deref(), reason);
        assert_eq!((sites[1].kept.as_deref(), &sites[2].kept), (reason, &None));
    }

    #[test]
    fn each_place_gets_the_weaker_orderings_that_its_operation_allows() {
        let (sites, _) = sites(SOURCE).unwrap();
        let mutants: Vec<_> = sites.iter().map(|site| site.mutants.as_slice()).collect();
        assert_eq!(mutants[0], ["Acquire", "Release", "Relaxed"]);
        assert_eq!(mutants[1], ["Relaxed"]);
        assert_eq!(mutants[2], ["AcqRel", "removed"]);
        assert_eq!(mutants[3], ["Relaxed"]);
        assert_eq!(mutants[4], ["AcqRel", "removed"]);
    }

    #[test]
    fn what_is_written_chooses_at_run_time_and_is_rust() {
        let (_, text) = sites(SOURCE).unwrap();
        syn::parse_file(&text).unwrap();
        for part in [
            "(0, \"ü\".len(), p::ordering(10, Ordering::AcqRel), p::ordering(11, Ordering::Acquire))",
            "p::fence(12, || fence_after_rmw());",
            "load(Ordering::Relaxed)",
            "store(1, p::ordering(13, Ordering::Release))",
            "p::fence(14, || fence(Ordering::SeqCst));",
            "a.load(Ordering::SeqCst); } }",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn an_ordering_of_an_unknown_operation_is_an_error() {
        assert!(sites("fn f(a: &A) { a.helper(Ordering::AcqRel) }").is_err());
        assert!(sites("fn f(a: &A) { check!(a.load(Ordering::Acquire)) }").is_err());
        assert!(sites("fn f(order: O) { fence(order) }").is_err());
        assert!(sites("fn f() { helper(1) }").unwrap().0.is_empty());
    }

    #[test]
    fn a_text_is_replaced_where_it_stands_once() {
        assert_eq!(replace_once("a b", "b", "c").unwrap(), "a c");
        assert!(replace_once("a b b", "b", "c").is_err());
        assert!(replace_once("a", "b", "c").is_err());
    }
}
