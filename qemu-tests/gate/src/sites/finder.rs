//! The walk through a file's syntax that finds the places.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::lines::{Lines, edges, kept};
use super::{Edit, Key, Role, Site, mutants};

/// Finds them.
pub struct Finder<'a> {
    pub file: &'a str,
    pub planted: &'a str,
    pub first: usize,
    pub lines: Lines<'a>,
    pub names: Vec<String>,
    /// The lines on which the statements start that are being visited.
    pub statements: Vec<usize>,
    pub sites: Vec<Site>,
    pub edits: Vec<Edit>,
    pub unclear: Vec<String>,
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
        let comments = if near.is_empty() { comments } else { near };
        let key = Key {
            file: self.file.to_owned(),
            function,
            number,
        };
        self.sites.push(Site {
            id,
            key,
            edge: edges(&comments),
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
