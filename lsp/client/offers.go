package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"github.com/hob-ls/hob/workspace/text"
)

// encodings by their names; a server that names none means UTF-16.
var encodings = map[string]text.Encoding{"": text.UTF16, "utf-16": text.UTF16, "utf-8": text.UTF8, "utf-32": text.UTF32}

// builtin is what this client offers where no real editor is imitated.
const builtin = `{
  "general": {"positionEncodings": ["%ENCODING%"]},
  "workspace": {
    "applyEdit": true,
    "configuration": true,
    "workspaceFolders": true,
    "didChangeConfiguration": {"dynamicRegistration": false},
    "executeCommand": {"dynamicRegistration": false},
    "workspaceEdit": {
      "documentChanges": true,
      "resourceOperations": ["create", "rename", "delete"],
      "failureHandling": "transactional",
      "changeAnnotationSupport": {"groupsOnLabel": false}
    },
    "textDocumentContent": {"dynamicRegistration": false}
  },
  "textDocument": {
    "synchronization": {"didSave": true},
    "publishDiagnostics": {"versionSupport": true},
    "codeAction": {
      "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix", "refactor", "refactor.rewrite", "source"]}},
      "isPreferredSupport": true,
      "disabledSupport": true,
      "dataSupport": true,
      "tagSupport": {"valueSet": [1]}
    }
  },
  "window": {
    "workDoneProgress": true,
    "showDocument": {"support": true},
    "showMessage": {"messageActionItem": {"additionalPropertiesSupport": false}}
  },
  "experimental": {"hob": {"preview": true, "input": true}}
}`

// BuiltinCapabilities are the client capabilities of the zero Options, with one position encoding.
func BuiltinCapabilities(enc text.Encoding) json.RawMessage {
	name := map[text.Encoding]string{text.UTF16: "utf-16", text.UTF8: "utf-8", text.UTF32: "utf-32"}[enc]
	return json.RawMessage(strings.Replace(builtin, "%ENCODING%", name, 1))
}

// offers are the client capabilities that decide what a server may send.
type offers struct {
	tree      map[string]any
	encodings map[text.Encoding]bool
}

func readOffers(raw json.RawMessage) (offers, error) {
	o := offers{encodings: map[text.Encoding]bool{}}
	if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		return o, errors.New("not an object")
	}
	if err := json.Unmarshal(raw, &o.tree); err != nil {
		return o, err
	}
	names, _ := o.at("general.positionEncodings").([]any)
	for _, n := range names {
		if s, ok := n.(string); ok {
			if enc, known := encodings[s]; known {
				o.encodings[enc] = true
			}
		}
	}
	if len(names) == 0 {
		o.encodings[text.UTF16] = true
	}
	return o, nil
}

// at is the value at a dotted path, nil if there is none.
func (o offers) at(path string) any {
	var v any = o.tree
	for key := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[key]
	}
	return v
}

// has reports whether the value at path is there and not false.
func (o offers) has(path string) bool {
	v := o.at(path)
	return v != nil && v != false
}

// needs names the capability that a client must have announced before the server
// may send a method. Methods that need none are absent.
var needs = map[string]string{
	"workspace/applyEdit":                   "workspace.applyEdit",
	"workspace/configuration":               "workspace.configuration",
	"workspace/workspaceFolders":            "workspace.workspaceFolders",
	"workspace/codeLens/refresh":            "workspace.codeLens.refreshSupport",
	"workspace/semanticTokens/refresh":      "workspace.semanticTokens.refreshSupport",
	"workspace/inlayHint/refresh":           "workspace.inlayHint.refreshSupport",
	"workspace/inlineValue/refresh":         "workspace.inlineValue.refreshSupport",
	"workspace/diagnostic/refresh":          "workspace.diagnostics.refreshSupport",
	"workspace/foldingRange/refresh":        "workspace.foldingRange.refreshSupport",
	"workspace/textDocumentContent/refresh": "workspace.textDocumentContent",
	"window/workDoneProgress/create":        "window.workDoneProgress",
	"window/showDocument":                   "window.showDocument.support",
	"hob/jobDone":                           "experimental.hob",
	"hob/plan":                              "experimental.hob.plan",
	"hob/review":                            "experimental.hob.review",
	"hob/status":                            "experimental.hob",
	"hob/jobProgress":                       "experimental.hob.preview",
	"hob/input":                             "experimental.hob.input",
}

// unannounced names what is missing for method, "" if nothing is.
func (o offers) unannounced(method string) string {
	if path := needs[method]; path != "" && !o.has(path) {
		return path
	}
	return ""
}

// dynamic reports whether the client registers method when a server asks.
func (o offers) dynamic(method string) bool {
	path := strings.ReplaceAll(method, "/", ".")
	if rest, ok := strings.CutPrefix(method, "textDocument/"); ok && strings.HasPrefix(rest, "did") {
		path = "textDocument.synchronization"
	}
	return o.has(path + ".dynamicRegistration")
}

// edits reports whether documentChanges may be sent. A client that names
// resource operations takes them too, for these travel nowhere else.
func (o offers) documentChanges() bool {
	return o.has("workspace.workspaceEdit.documentChanges") || o.has("workspace.workspaceEdit.resourceOperations")
}

// resource reports whether the client takes a kind of resource operation.
func (o offers) resource(kind string) bool {
	kinds, _ := o.at("workspace.workspaceEdit.resourceOperations").([]any)
	for _, k := range kinds {
		if k == kind {
			return true
		}
	}
	return false
}

// action names what is missing for the fields of a code action, "" if nothing is.
func (o offers) action(w *wireAction) string {
	uses := []struct {
		used bool
		path string
	}{
		{true, "codeActionLiteralSupport"},
		{w.IsPreferred != nil, "isPreferredSupport"},
		{w.Disabled != nil, "disabledSupport"},
		{w.Data != nil, "dataSupport"},
		{w.Tags != nil, "tagSupport"},
	}
	for _, u := range uses {
		if path := "textDocument.codeAction." + u.path; u.used && !o.has(path) {
			return path
		}
	}
	return ""
}
