package scaffold

import "strings"

// Declarations of the root element by kind, one a line.
var rootRules = map[string]string{
	"button":    "display: inline-flex; align-items: center; justify-content: center; gap: 0.5rem; padding: 0.5rem 1rem; border: 1px solid transparent; border-radius: 6px; font: inherit; font-weight: 600; line-height: 1.25; cursor: pointer",
	"link":      "display: inline-flex; align-items: center; gap: 0.375rem; color: #1d4ed8; text-decoration: underline",
	"badge":     "display: inline-flex; align-items: center; gap: 0.25rem; padding: 0.125rem 0.5rem; border: 1px solid transparent; border-radius: 999px; background: #e5e7eb; color: #1f2937; font-size: 0.75rem; font-weight: 600",
	"avatar":    "width: 2.5rem; height: 2.5rem; border-radius: 50%; object-fit: cover",
	"spinner":   "display: inline-block; width: 1.5rem; height: 1.5rem; border: 3px solid #e5e7eb; border-top-color: #1d4ed8; border-radius: 50%",
	"heading":   "margin: 0; font-size: 1.5rem; line-height: 1.25",
	"list":      "margin: 0; padding: 0; list-style: none",
	"modal":     "position: relative; width: min(32rem, calc(100vw - 2rem)); padding: 1.5rem; border-radius: 8px; background: #fff; color: #1f2937",
	"alert":     "display: flex; align-items: center; gap: 0.75rem; padding: 0.75rem 1rem; border: 1px solid #d1d5db; border-radius: 6px; background: #f3f4f6; color: #1f2937",
	"card":      "padding: 1rem; border: 1px solid #d1d5db; border-radius: 8px; background: #fff; color: #1f2937",
	"control":   "display: flex; flex-direction: column; gap: 0.25rem",
	"checkbox":  "display: inline-flex; align-items: center; gap: 0.5rem",
	"form":      "display: flex; flex-direction: column; gap: 1rem",
	"container": "display: block",
}

// Declarations of elements below the root by class.
var partRules = map[string]string{
	"icon": "display: inline-flex; flex: none", "title": "margin: 0 0 0.5rem; font-size: 1.25rem", "heading": "margin: 0 0 0.5rem; font-size: 1.25rem",
	"name": "margin: 0 0 0.25rem; font-size: 1.125rem", "subtitle": "margin: 0 0 0.5rem; color: #6b7280", "body": "margin: 0",
	"label": "font-weight: 600", "error": "color: #b91c1c; font-size: 0.875rem", "helperText": "color: #6b7280; font-size: 0.875rem", "hint": "color: #6b7280; font-size: 0.875rem",
	"control":  "padding: 0.5rem 0.75rem; border: 1px solid #9ca3af; border-radius: 6px; font: inherit",
	"backdrop": "position: fixed; inset: 0; display: grid; place-items: center; background: rgb(0 0 0 / 50%)",
	"close":    "position: absolute; top: 0.75rem; right: 0.75rem; border: 0; background: none; font-size: 1.25rem; cursor: pointer",
	"action":   "padding: 0.25rem 0.75rem; border: 1px solid #9ca3af; border-radius: 6px; background: none; color: inherit; font: inherit; cursor: pointer",
	"item":     "padding: 0.5rem 0", "items": "margin: 0; padding: 0; list-style: none", "footer": "margin-top: 1rem", "actions": "display: flex; gap: 0.5rem; margin-top: 1rem",
	"header": "margin-bottom: 1rem", "image": "display: block; max-width: 100%", "thumbnail": "display: block; max-width: 100%", "photo": "display: block; max-width: 100%", "picture": "display: block; max-width: 100%",
	"avatar": "width: 3rem; height: 3rem; border-radius: 50%; object-fit: cover", "price": "margin: 0; font-weight: 600",
}

const partDefault = "margin: 0 0 0.5rem"

// Declarations of variants.
var variantRules = map[string]string{
	"primary": "background: #1d4ed8; color: #fff", "secondary": "border-color: #9ca3af; background: #fff; color: #1f2937", "tertiary": "background: #eff6ff; color: #1e40af",
	"danger": "background: #b91c1c; color: #fff", "destructive": "background: #b91c1c; color: #fff", "error": "background: #b91c1c; color: #fff",
	"success": "background: #15803d; color: #fff", "warning": "background: #fbbf24; color: #1f2937", "info": "background: #0369a1; color: #fff",
	"ghost": "background: transparent; color: inherit", "text": "background: transparent; color: #1d4ed8", "subtle": "background: #f3f4f6; color: #1f2937",
	"outline": "border-color: currentcolor; background: transparent; color: #1d4ed8", "outlined": "border: 1px solid currentcolor; background: transparent; color: #1d4ed8",
	"link": "background: transparent; color: #1d4ed8; text-decoration: underline", "default": "background: #f3f4f6; color: #1f2937", "neutral": "background: #f3f4f6; color: #1f2937", "plain": "background: transparent; color: inherit",
	"solid": "background: #1d4ed8; color: #fff", "filled": "background: #1d4ed8; color: #fff", "contained": "background: #1d4ed8; color: #fff", "accent": "background: #7c3aed; color: #fff",
	"light": "background: #f9fafb; color: #1f2937", "dark": "background: #1f2937; color: #f9fafb", "elevated": "box-shadow: 0 4px 12px rgb(0 0 0 / 15%)",
}

// hoverRules darken what invites a click.
var hoverRules = map[string]string{
	"primary": "background: #1e40af", "secondary": "background: #f3f4f6", "tertiary": "background: #dbeafe", "danger": "background: #991b1b", "destructive": "background: #991b1b",
	"error": "background: #991b1b", "success": "background: #166534", "warning": "background: #f59e0b", "info": "background: #075985", "ghost": "background: rgb(0 0 0 / 5%)",
	"outline": "background: #eff6ff", "default": "background: #e5e7eb", "solid": "background: #1e40af", "filled": "background: #1e40af", "contained": "background: #1e40af", "accent": "background: #6d28d9",
}

// sizeRank orders the words for sizes: 0 is the smallest.
var sizeRank = map[string]int{
	"xxs": 0, "tiny": 0, "extra-small": 0, "xs": 0, "small": 1, "sm": 1, "s": 1, "compact": 1, "medium": 2, "md": 2, "m": 2, "normal": 2,
	"large": 3, "lg": 3, "l": 3, "xl": 4, "extra-large": 4, "huge": 5, "xxl": 5,
}

var (
	padSizes    = [...]string{"0.125rem 0.375rem", "0.25rem 0.625rem", "0.5rem 1rem", "0.75rem 1.5rem", "0.875rem 1.75rem", "1rem 2rem"}
	fontSizes   = [...]string{"0.75rem", "0.875rem", "1rem", "1.125rem", "1.25rem", "1.5rem"}
	boxSizes    = [...]string{"1rem", "1.5rem", "2.5rem", "4rem", "6rem", "8rem"}
	modalWidths = [...]string{"16rem", "20rem", "32rem", "48rem", "64rem", "80rem"}
)

func sizeRule(k kind, v string) string {
	r := sizeRank[v]
	switch k.id {
	case "avatar", "spinner":
		return "width: " + boxSizes[r] + "; height: " + boxSizes[r]
	case "modal":
		return "width: min(" + modalWidths[r] + ", calc(100vw - 2rem))"
	case "heading", "link", "checkbox":
		return "font-size: " + fontSizes[r]
	}
	if k.control {
		return "font-size: " + fontSizes[r]
	}
	return "padding: " + padSizes[r] + "; font-size: " + fontSizes[r]
}

// Declarations of states by class.
var stateRules = map[string]string{
	"disabled": "opacity: 0.55; pointer-events: none", "loading": "cursor: progress; opacity: 0.7", "active": "outline: 2px solid #1d4ed8; outline-offset: 2px",
	"selected": "outline: 2px solid #1d4ed8; outline-offset: 2px", "fullWidth": "width: 100%", "expanded": "height: auto", "highlighted": "box-shadow: 0 0 0 3px #fde68a",
	"rounded": "border-radius: 999px", "outlined": "border: 1px solid currentcolor", "invalid": "border-color: #b91c1c",
}

// stylesheet writes a rule for every class that the markup names.
func (b *builder) stylesheet() string {
	w := &code{h: &habits{project: b.h.project, semi: true, indent: b.h.indent, eol: b.h.eol}}
	first := true
	rule := func(selector, decls string) {
		if !first {
			w.line(0, "")
		}
		first = false
		w.line(0, selector+" {")
		for d := range strings.SplitSeq(decls, "; ") {
			w.line(1, d+";")
		}
		w.line(0, "}")
	}
	base := b.base()
	root := rootRules[b.kind.id]
	if root == "" && b.kind.control {
		root = rootRules["control"]
	}
	if root == "" {
		root = rootRules["container"]
	}
	rule("."+base, root)
	if b.kind.id == "button" {
		rule("."+base+":focus-visible", "outline: 2px solid #1d4ed8; outline-offset: 2px")
		if b.find("disabled") != nil || b.find("isDisabled") != nil || b.find("loading") != nil || b.find("isLoading") != nil {
			rule("."+base+":disabled", "cursor: not-allowed; opacity: 0.55")
		}
	}
	for _, c := range b.classes {
		decls := partRules[c]
		if decls == "" {
			decls = partDefault
		}
		if b.modules() {
			rule("."+c, decls)
		} else {
			rule("."+base+"__"+kebab(c), decls)
		}
	}
	for _, p := range b.props {
		switch {
		case p.role == choice:
			b.choiceRules(rule, p)
		case p.role == state && flagClass(p.name, b.kind) != "":
			rule(b.modifierSelector(flagClass(p.name, b.kind)), stateRules[flagClass(p.name, b.kind)])
		}
	}
	return w.b.String()
}

func (b *builder) modifierSelector(name string) string {
	if b.modules() {
		return "." + name
	}
	return "." + b.base() + "--" + kebab(name)
}

func (b *builder) choiceRules(rule func(selector, decls string), p prop) {
	for _, v := range p.values {
		sel := b.modifierSelector(v)
		switch {
		case p.name == "size":
			rule(sel, sizeRule(b.kind, v))
		case variantRules[v] == "":
			rule(sel, variantRules["neutral"])
			b.left = append(b.left, "the look of "+v+" (neutral colours were written)")
		default:
			rule(sel, variantRules[v])
			if hoverRules[v] != "" && b.kind.id == "button" {
				hover := sel + ":hover"
				if b.find("disabled") != nil || b.find("loading") != nil || b.find("isDisabled") != nil || b.find("isLoading") != nil {
					hover += ":not(:disabled)"
				}
				rule(hover, hoverRules[v])
			}
		}
	}
}
