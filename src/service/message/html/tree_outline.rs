//! Outline of a tree, and the number of steps of a parser that builds the tree.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    rc::Rc,
};

use html5ever::{
    Attribute, QualName,
    interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink},
    local_name, ns,
    tendril::StrTendril,
};

use super::cost::TooCostly;

/// Maximum number of steps: about 50 milliseconds of one processor for the count and the sanitizer.
const STEPS_MAX: usize = 2_000_000;
/// Maximum nesting depth of elements. Browsers have the same limit.
const DEPTH_MAX: usize = 512;
/// Steps to create an element, check its attributes and write it.
const ELEMENT: usize = 24;
/// Steps for an attribute.
const ATTRIBUTE: usize = 8;
/// Steps to compare an attribute with those of another element. Both lists are copied and sorted.
const COMPARED: usize = 3;
/// Bytes of text for each step.
const BYTES: usize = 32;
/// Bytes that are searched for a bracket in each step.
const LOOKED_THROUGH: usize = 2_048;
/// Children of a list that are searched in each step.
const SEARCHED: usize = 8;

/// Element or document.
#[derive(Debug)]
pub struct Element {
    name: QualName,
    /// Index of its outline.
    id: usize,
}

/// Reference of the parser to an element.
pub type Handle = Rc<Element>;

#[derive(Clone, Copy, Debug, Default)]
struct ElementOutline {
    depth: usize,
    attributes: usize,
    /// List of children that contains the element.
    within: Option<usize>,
    /// List of the children of the element.
    own: usize,
}

/// Children of an element.
#[derive(Clone, Copy, Debug, Default)]
struct List {
    count: usize,
    /// Total text of the children.
    text: Text,
    /// List to which these children were moved.
    moved_to: Option<usize>,
}

/// Text that will be written.
#[derive(Clone, Copy, Debug, Default)]
struct Text {
    bytes: usize,
    /// Number of bytes at which the writer stops and searches the rest of the text for a bracket.
    stops: usize,
}

impl Text {
    fn of(text: &str) -> Self {
        let stops = text.bytes().filter(|byte| matches!(byte, b'&' | 0xc2)).count();
        Self {
            bytes: text.len(),
            stops,
        }
    }

    /// Steps to store and write the text.
    fn steps(self) -> usize {
        1 + self.bytes / BYTES + self.stops * self.bytes / LOOKED_THROUGH
    }
}

#[derive(Debug)]
pub struct TreeOutline {
    document: Handle,
    outlines: RefCell<Vec<ElementOutline>>,
    lists: RefCell<Vec<List>>,
    steps: Cell<usize>,
    is_too_deep: Cell<bool>,
}

impl Default for TreeOutline {
    fn default() -> Self {
        let name = QualName::new(None, ns!(html), local_name!("html"));
        Self {
            document: Rc::new(Element { name, id: 0 }),
            outlines: RefCell::new(vec![ElementOutline::default()]),
            lists: RefCell::new(vec![List::default()]),
            steps: Cell::new(0),
            is_too_deep: Cell::new(false),
        }
    }
}

impl TreeOutline {
    /// Fails if a limit is exceeded.
    pub fn check(&self) -> Result<(), TooCostly> {
        if self.steps.get() > STEPS_MAX || self.is_too_deep.get() {
            return Err(TooCostly);
        }
        Ok(())
    }

    /// Creates an element without a parent.
    pub fn element(&self, name: QualName, attributes: usize) -> Handle {
        let mut outlines = self.outlines.borrow_mut();
        let id = outlines.len();
        outlines.push(ElementOutline {
            attributes,
            own: self.list(),
            ..ElementOutline::default()
        });
        Rc::new(Element { name, id })
    }

    fn list(&self) -> usize {
        let mut lists = self.lists.borrow_mut();
        lists.push(List::default());
        lists.len() - 1
    }

    fn step(&self, count: usize) {
        self.steps.set(self.steps.get().saturating_add(count));
    }

    fn outline(&self, node: &Handle) -> ElementOutline {
        self.outlines.borrow().get(node.id).copied().unwrap_or_default()
    }

    fn change(&self, node: &Handle, change: impl FnOnce(&mut ElementOutline)) {
        if let Some(outline) = self.outlines.borrow_mut().get_mut(node.id) {
            change(outline);
        }
    }

    /// Follows moved lists and returns the index and the state of the final list.
    fn list_of(&self, mut at: usize) -> (usize, List) {
        let lists = self.lists.borrow();
        loop {
            let list = lists.get(at).copied().unwrap_or_default();
            let Some(next) = list.moved_to else {
                return (at, list);
            };
            self.step(1);
            at = next;
        }
    }

    fn set(&self, at: usize, list: List) {
        if let Some(place) = self.lists.borrow_mut().get_mut(at) {
            *place = list;
        }
    }

    /// Adds a node to a list of children of a parent at this depth.
    fn put(&self, at: usize, depth: usize, child: NodeOrText<Handle>) {
        match child {
            NodeOrText::AppendText(text) => self.put_text(at, Text::of(&text)),
            NodeOrText::AppendNode(child) => self.put_element(at, depth + 1, &child),
        }
    }

    fn put_text(&self, at: usize, text: Text) {
        let (at, mut list) = self.list_of(at);
        let before = list.text.steps();
        list.count += 1;
        // Adjacent pieces of text are merged and others are rare, so all text of the element counts as one.
        list.text.bytes += text.bytes;
        list.text.stops += text.stops;
        self.step(1 + list.text.steps() - before);
        self.set(at, list);
    }

    fn put_element(&self, at: usize, depth: usize, child: &Handle) {
        self.detach(child);
        let (at, mut list) = self.list_of(at);
        list.count += 1;
        self.set(at, list);
        let mut attributes = 0;
        self.change(child, |outline| {
            outline.within = Some(at);
            outline.depth = depth;
            attributes = outline.attributes;
        });
        if depth > DEPTH_MAX {
            self.is_too_deep.set(true);
        }
        // A formatting element is compared with all open ones.
        self.step(if is_formatting(&child.name) {
            1 + depth * (1 + attributes * COMPARED)
        } else {
            1
        });
    }

    /// Removes a node from its list of children, which requires a search.
    fn detach(&self, node: &Handle) {
        let Some(list) = self.outline(node).within else {
            return;
        };
        let (at, mut list) = self.list_of(list);
        self.step(1 + list.count / SEARCHED);
        list.count = list.count.saturating_sub(1);
        self.set(at, list);
        self.change(node, |outline| outline.within = None);
    }
}

fn is_formatting(name: &QualName) -> bool {
    const NAMES: [html5ever::LocalName; 14] = [
        local_name!("a"),
        local_name!("b"),
        local_name!("big"),
        local_name!("code"),
        local_name!("em"),
        local_name!("font"),
        local_name!("i"),
        local_name!("nobr"),
        local_name!("s"),
        local_name!("small"),
        local_name!("strike"),
        local_name!("strong"),
        local_name!("tt"),
        local_name!("u"),
    ];
    NAMES.contains(&name.local)
}

impl TreeSink for TreeOutline {
    type Handle = Handle;
    type Output = ();
    type ElemName<'a> = &'a QualName;

    fn finish(self) {}

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        self.document.clone()
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> &'a QualName {
        self.step(1);
        &target.name
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _: ElementFlags) -> Handle {
        let values = attributes.iter().map(|one| Text::of(&one.value).steps());
        self.step(ELEMENT + attributes.len() * ATTRIBUTE + values.sum::<usize>());
        self.element(name, attributes.len())
    }

    fn create_comment(&self, text: StrTendril) -> Handle {
        self.step(ELEMENT + Text::of(&text).steps());
        self.element(QualName::new(None, ns!(), local_name!("")), 0)
    }

    fn create_pi(&self, _: StrTendril, data: StrTendril) -> Handle {
        self.create_comment(data)
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        let outline = self.outline(parent);
        self.put(outline.own, outline.depth, child);
    }

    fn append_based_on_parent_node(&self, element: &Handle, previous: &Handle, child: NodeOrText<Handle>) {
        if self.outline(element).within.is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &Handle) -> Handle {
        target.clone()
    }

    fn same_node(&self, one: &Handle, other: &Handle) -> bool {
        self.step(1);
        one.id == other.id
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        let outline = self.outline(sibling);
        let (at, list) = self.list_of(outline.within.unwrap_or_default());
        // The list is searched for the sibling, and the entries after it are moved.
        self.step(1 + list.count / SEARCHED);
        self.put(at, outline.depth.saturating_sub(1), child);
    }

    fn add_attrs_if_missing(&self, target: &Handle, attributes: Vec<Attribute>) {
        let count = self.outline(target).attributes + attributes.len();
        self.step(count * ATTRIBUTE);
        self.change(target, |outline| outline.attributes = count);
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.detach(target);
    }

    fn reparent_children(&self, node: &Handle, parent: &Handle) {
        let (from, moved) = self.list_of(self.outline(node).own);
        let (to, mut list) = self.list_of(self.outline(parent).own);
        self.step(1 + moved.count);
        list.count += moved.count;
        list.text.bytes += moved.text.bytes;
        list.text.stops += moved.text.stops;
        self.set(to, list);
        self.set(
            from,
            List {
                moved_to: Some(to),
                ..List::default()
            },
        );
        let empty = self.list();
        self.change(node, |outline| outline.own = empty);
    }
}
