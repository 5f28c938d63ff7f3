package scaffold

// role is what a prop does in the component.
type role uint8

const (
	shown   role = iota // a string that is shown
	heading             // a string shown as the heading
	node                // a ReactNode that is shown
	image               // the source of an image
	attr                // an attribute of the root or control element
	state               // a boolean
	choice              // one of values, shown as a class
	items               // the entries of a list or select
	handler             // a function
)

// prop is one property of the component.
type prop struct {
	name     string
	role     role
	typ      string // TypeScript type; "" follows from the role
	optional bool
	values   []string // of a choice, the default first in def
	def      string   // default, as a value of a choice
	event    string   // React's event type of a DOM handler, "" for an own callback
	dom      string   // DOM attribute that a handler is wired to
	pos      int      // where the instruction asks for it
}

// nouns are the words that name a prop, by their words in lower case.
var nouns = map[string]prop{
	"children": {name: "children", role: node}, "content": {name: "children", role: node}, "child content": {name: "children", role: node},
	"body": {name: "children", role: node}, "children content": {name: "children", role: node},
	"label": {name: "label"}, "text": {name: "text"}, "caption": {name: "caption"},
	"title": {name: "title", role: heading}, "heading": {name: "heading", role: heading},
	"subtitle": {name: "subtitle", optional: true}, "description": {name: "description", optional: true}, "summary": {name: "summary", optional: true},
	"message": {name: "message"}, "helper text": {name: "helperText", optional: true}, "hint": {name: "hint", optional: true},
	"name": {name: "name"}, "email": {name: "email"}, "email address": {name: "email"}, "bio": {name: "bio", optional: true}, "role": {name: "role"},
	"phone": {name: "phone"}, "phone number": {name: "phone"}, "address": {name: "address"}, "username": {name: "username"}, "company": {name: "company"},
	"author": {name: "author"}, "date": {name: "date"}, "category": {name: "category"}, "price": {name: "price", typ: "number"},
	"quantity": {name: "quantity", typ: "number"}, "count": {name: "count", typ: "number"}, "total": {name: "total", typ: "number"}, "quote": {name: "quote"},
	"icon": {name: "icon", role: node, optional: true}, "footer": {name: "footer", role: node, optional: true}, "header": {name: "header", role: node, optional: true},
	"actions": {name: "actions", role: node, optional: true},
	"image":   {name: "image", role: image}, "image url": {name: "image", role: image}, "avatar": {name: "avatar", role: image}, "photo": {name: "photo", role: image},
	"picture": {name: "picture", role: image}, "thumbnail": {name: "thumbnail", role: image}, "avatar image": {name: "avatar", role: image}, "avatar url": {name: "avatar", role: image},
	"href": {name: "href", role: attr}, "url": {name: "href", role: attr}, "placeholder": {name: "placeholder", role: attr, optional: true},
	"value": {name: "value", role: attr}, "default value": {name: "defaultValue", role: attr, optional: true}, "alt": {name: "alt", role: attr}, "alt text": {name: "alt", role: attr},
	"src": {name: "src", role: attr}, "id": {name: "id", role: attr, optional: true}, "error message": {name: "error", optional: true}, "error": {name: "error", optional: true},
	"error text": {name: "error", optional: true}, "items": {name: "items", role: items}, "list items": {name: "items", role: items}, "options": {name: "options", role: items},
	"list of items": {name: "items", role: items}, "list of options": {name: "options", role: items}, "array of items": {name: "items", role: items}, "array of options": {name: "options", role: items},
	"type": {name: "type", role: attr, optional: true},

	"disabled": {name: "disabled", role: state}, "loading": {name: "loading", role: state}, "isloading": {name: "isLoading", role: state}, "active": {name: "active", role: state},
	"selected": {name: "selected", role: state}, "checked": {name: "checked", role: state}, "open": {name: "open", role: state}, "isopen": {name: "isOpen", role: state},
	"read only": {name: "readOnly", role: state}, "readonly": {name: "readOnly", role: state}, "required": {name: "required", role: state},
	"full width": {name: "fullWidth", role: state}, "fullwidth": {name: "fullWidth", role: state}, "invalid": {name: "invalid", role: state},
	"expanded": {name: "expanded", role: state}, "highlighted": {name: "highlighted", role: state}, "hidden": {name: "hidden", role: state},
	"rounded": {name: "rounded", role: state}, "outlined": {name: "outlined", role: state}, "isdisabled": {name: "isDisabled", role: state},
}

// events are the words of DOM events. hover is React's mouse enter.
var events = map[string]prop{
	"click": {event: "MouseEvent", dom: "onClick"}, "doubleclick": {event: "MouseEvent", dom: "onDoubleClick"},
	"change": {event: "ChangeEvent", dom: "onChange"}, "submit": {event: "FormEvent", dom: "onSubmit"},
	"focus": {event: "FocusEvent", dom: "onFocus"}, "blur": {event: "FocusEvent", dom: "onBlur"},
	"keydown": {event: "KeyboardEvent", dom: "onKeyDown"}, "keyup": {event: "KeyboardEvent", dom: "onKeyUp"},
	"mouseenter": {event: "MouseEvent", dom: "onMouseEnter"}, "mouseleave": {event: "MouseEvent", dom: "onMouseLeave"},
	"hover": {event: "MouseEvent", dom: "onMouseEnter"},
	"close": {}, "dismiss": {}, "select": {}, "toggle": {}, "open": {}, "save": {}, "cancel": {}, "delete": {}, "remove": {}, "edit": {}, "confirm": {}, "retry": {}, "reset": {},
}

// eventNames are the spellings of handlers that differ from "on" and the word.
var eventNames = map[string]string{"keydown": "onKeyDown", "keyup": "onKeyUp", "mouseenter": "onMouseEnter", "mouseleave": "onMouseLeave", "doubleclick": "onDoubleClick"}

var (
	handlerNouns = set("handler handlers callback callbacks event events listener listeners")
	variantNouns = set("variant variants")
	lookNouns    = set("style styles version versions type types kind kinds theme themes look looks")
	sizeNouns    = set("size sizes")
	stateNouns   = set("flag flags state states mode modes prop props boolean booleans toggle option")
	propNouns    = set("prop props property properties")
	// tailNouns may follow the word that names a prop and add nothing.
	tailNouns    = set("text string number boolean node element slot attribute callback function")
	variantWords = set("primary secondary tertiary default danger destructive success warning info error ghost outline outlined link subtle solid filled text neutral accent light dark plain elevated contained")
	sizeWords    = set("small medium large sm md lg xs xl xxs xxl tiny huge normal compact extra-large extra-small s m l")
	typeWords    = map[string]string{"string": "string", "number": "number", "boolean": "boolean", "bool": "boolean", "string[]": "string[]", "reactnode": "ReactNode", "node": "ReactNode"}
	reserved     = set(`key ref style styles classes class classname break case catch const continue debugger default delete do else enum export extends
		false finally for function if import in instanceof new null return super switch this throw true try typeof var void while with yield let static
		await implements interface package private protected public undefined arguments eval react props clsx classnames boolean string number fragment item`)
)
