package scaffold

// kind is a sort of component with a root element of its own.
type kind struct {
	id      string
	words   []string // last words of a component's name
	tag     string
	element string // DOM type of the element that takes events
	inline  bool   // its content is a line of text
	control bool   // a form control: has value and onChange
}

// Root elements by the last word of the name, the first match wins.
var kinds = []kind{
	{id: "button", words: []string{"button", "btn", "cta"}, tag: "button", element: "HTMLButtonElement", inline: true},
	{id: "link", words: []string{"link", "anchor"}, tag: "a", element: "HTMLAnchorElement", inline: true},
	{id: "textarea", words: []string{"textarea"}, tag: "textarea", element: "HTMLTextAreaElement", control: true},
	{id: "checkbox", words: []string{"checkbox", "toggle", "switch"}, tag: "input", element: "HTMLInputElement", control: true},
	{id: "select", words: []string{"select", "dropdown", "combobox"}, tag: "select", element: "HTMLSelectElement", control: true},
	{id: "input", words: []string{"input", "field", "textfield", "textbox", "searchbox", "searchbar"}, tag: "input", element: "HTMLInputElement", control: true},
	{id: "modal", words: []string{"modal", "dialog", "popup"}, tag: "div", element: "HTMLDivElement"},
	{id: "list", words: []string{"list"}, tag: "ul", element: "HTMLUListElement"},
	{id: "badge", words: []string{"badge", "tag", "chip", "pill", "label"}, tag: "span", element: "HTMLSpanElement", inline: true},
	{id: "avatar", words: []string{"avatar", "image", "img", "picture", "photo", "logo"}, tag: "img", element: "HTMLImageElement"},
	{id: "alert", words: []string{"alert", "banner", "toast", "notification", "notice", "callout", "message"}, tag: "div", element: "HTMLDivElement"},
	{id: "spinner", words: []string{"spinner", "loader"}, tag: "span", element: "HTMLSpanElement", inline: true},
	{id: "heading", words: []string{"heading", "title"}, tag: "h2", element: "HTMLHeadingElement", inline: true},
	{id: "form", words: []string{"form"}, tag: "form", element: "HTMLFormElement"},
	{id: "card", words: []string{"card", "panel", "tile", "section", "box"}, tag: "section", element: "HTMLElement"},
	{id: "header", words: []string{"header", "hero", "topbar"}, tag: "header", element: "HTMLElement"},
	{id: "footer", words: []string{"footer"}, tag: "footer", element: "HTMLElement"},
	{id: "nav", words: []string{"nav", "navbar", "navigation", "navigationbar"}, tag: "nav", element: "HTMLElement"},
	{id: "aside", words: []string{"sidebar", "aside"}, tag: "aside", element: "HTMLElement"},
	{id: "container", words: []string{"container", "wrapper", "layout", "stack", "grid", "row", "column", "group", "profile", "summary", "info", "details", "item", "content", "view", "page", "toolbar"}, tag: "div", element: "HTMLDivElement"},
}

// other is the root of a component of no known kind; what makes it one is left out.
var other = kind{id: "other", tag: "div", element: "HTMLDivElement"}

// kindOf finds the kind of a name by its last words; nil if none fits.
func kindOf(name string) *kind {
	words := splitWords(name)
	if len(words) == 0 {
		return nil
	}
	last := []string{words[len(words)-1]}
	if len(words) > 1 {
		last = append(last, words[len(words)-2]+last[0])
	}
	for i := range kinds {
		for _, w := range kinds[i].words {
			for _, l := range last {
				if w == l {
					return &kinds[i]
				}
			}
		}
	}
	return nil
}
