package lsp

import "encoding/json"

// Position and Range are LSP's, in the encoding negotiated.
type Position struct {
	Line      uint32 `json:"line"`
	Character uint32 `json:"character"`
}

// Range is half-open.
type Range struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// JobParams is the single argument of every job command.
type JobParams struct {
	URI         string            `json:"uri"`               // the target document; a directory for hob.component
	Version     *int32            `json:"version,omitempty"` // refused as stale if the range can't be rebased from it
	Range       *Range            `json:"range,omitempty"`   // selection or cursor
	Prompt      string            `json:"prompt,omitempty"`
	Name        string            `json:"name,omitempty"`
	Framework   string            `json:"framework,omitempty"`
	Dir         string            `json:"dir,omitempty"`
	URIs        []string          `json:"uris,omitempty"`
	Diagnostics []json.RawMessage `json:"diagnostics,omitempty"` // LSP Diagnostics; hob.fix
	Tier        string            `json:"tier,omitempty"`        // instant, fast, balanced, quality
	Model       string            `json:"model,omitempty"`       // PROVIDER/NAME
	Anew        bool              `json:"anew,omitempty"`        // not an answer from before, though nothing changed
	Confirm     bool              `json:"confirm,omitempty"`     // ask before applying
	Apply       *bool             `json:"apply,omitempty"`       // false: return the edit instead; default true
	Wait        bool              `json:"wait,omitempty"`        // true: the reply is the JobResult
	Changes     bool              `json:"changes,omitempty"`     // hob.review: what differs from the last commit, below uri
	Voices      []string          `json:"voices,omitempty"`      // hob.review: who looks; none means the usual ones
	Tools       *[]string         `json:"tools,omitempty"`       // edit, generate, explain: what the model may look around with, "*" for all; absent: as the command has it
}

// JobResult is how a job ended: the reply of a waiting command and the parameter
// of hob/jobDone.
type JobResult struct {
	Job    string          `json:"job"`
	Action string          `json:"action"`
	Status string          `json:"status"`           // applied, declined, unchanged, answered, returned, cancelled, failed
	Edit   json.RawMessage `json:"edit,omitempty"`   // WorkspaceEdit, when apply is false
	Answer string          `json:"answer,omitempty"` // Markdown
	Diff   string          `json:"diff,omitempty"`   // of a stale job: what it would have done, to the text that it saw
	Files  []string        `json:"files,omitempty"`  // URIs of the files that were changed, created ones first
	Tier   string          `json:"tier,omitempty"`
	Model  string          `json:"model,omitempty"`
	Why    string          `json:"why,omitempty"`
	Usage  *JobUsage       `json:"usage,omitempty"`
	Timing *JobTiming      `json:"timing_ms,omitempty"`
	Error  *JobError       `json:"error,omitempty"`
	Again  string          `json:"again,omitempty"` // the job that tries it again, as the user wanted when he looked at it

	Findings []JobFinding `json:"findings,omitempty"` // hob.review
	Voices   []JobVoice   `json:"voices,omitempty"`   // hob.review: what each one took; hob.refactor: the architect and the implementer
	Left     []string     `json:"left,omitempty"`     // what was left out, and why
	Tools    []JobTool    `json:"tools,omitempty"`    // what the model looked around with, by name
}

// JobTool is how often a tool was called, and how long its calls took together.
type JobTool struct {
	Name   string  `json:"name"` // "?" stands for names that no tool has
	Calls  int     `json:"calls"`
	Failed int     `json:"failed"`
	Ms     float64 `json:"ms"`
}

// JobFinding is one finding of a review; it is published as a diagnostic as well.
type JobFinding struct {
	URI      string   `json:"uri"`
	Range    Range    `json:"range"`
	Severity string   `json:"severity"` // error, warning, information
	Message  string   `json:"message"`
	Voices   []string `json:"voices"`
}

// JobVoice is what one voice of a review took.
type JobVoice struct {
	Name    string   `json:"name"`
	Model   string   `json:"model,omitempty"`
	Found   int      `json:"found"`
	Dropped int      `json:"dropped"` // findings that pointed at nothing
	Usage   JobUsage `json:"usage"`
	Error   string   `json:"error,omitempty"`
}

// PlanParams is the parameter of hob/plan: a plan before it is carried out.
type PlanParams struct {
	Job    string     `json:"job"`
	Title  string     `json:"title"`
	Steps  []PlanStep `json:"steps"`
	Takes  float64    `json:"takes_ms"` // predicted; 0 if nothing is known
	Model  string     `json:"model"`    // that made it; "" if it was made by program
	Action string     `json:"action"`
}

// PlanStep is one step in words.
type PlanStep struct {
	URI   string `json:"uri"`
	Title string `json:"title"`
}

// PlanResult is the answer to hob/plan: the indexes of the steps to carry out.
type PlanResult struct {
	Steps []int `json:"steps"`
}

// JobUsage counts tokens; CachedTokens is absent where the server does not tell.
type JobUsage struct {
	PromptTokens int  `json:"prompt_tokens"`
	CachedTokens *int `json:"cached_tokens,omitempty"`
	OutputTokens int  `json:"output_tokens"`
	Calls        int  `json:"calls"`
}

// JobTiming is in milliseconds, with two decimals at most. Overhead is Total
// less what the model server took and less the wait for the user or the client.
type JobTiming struct {
	Route      float64 `json:"route"`
	Queue      float64 `json:"queue"`
	Load       float64 `json:"load"`
	Prompt     float64 `json:"prompt"`
	FirstToken float64 `json:"first_token"`
	Generate   float64 `json:"generate"`
	Apply      float64 `json:"apply"`
	Total      float64 `json:"total"`
	Overhead   float64 `json:"overhead"`
}

// JobError is why a job failed.
type JobError struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

// JobProgress is the parameter of hob/jobProgress. Where New is set, there is no
// file at URI and no range: Text is what the file will hold, as far as it is
// written. The first message of such a job has it already, long before Text.
type JobProgress struct {
	Job             string   `json:"job"`
	Action          string   `json:"action"`
	State           string   `json:"state"` // planning, queued, loading, reading, looking, writing, checking
	URI             string   `json:"uri"`
	New             bool     `json:"new,omitempty"`
	Range           *Range   `json:"range,omitempty"`
	Calls           []string `json:"calls,omitempty"` // looking: what the model looks at, in words
	Again           string   `json:"again,omitempty"` // why the model is asked another time, with a new text: "asked again", "one tier up"
	Delta           string   `json:"delta,omitempty"`
	Text            string   `json:"text,omitempty"` // all of it so far; none before writing
	OutputTokens    int      `json:"output_tokens"`
	TokensPerSecond float64  `json:"tokens_per_second"`
}

// ReviewParams is the parameter of the request hob/review, which goes to clients
// that announced experimental.hob.review, before a job changes an open document.
// A client whose document is no longer at Version answers ContentModified and is
// asked again. One whose request is cancelled takes its preview away.
//
// Clients that announced experimental.hob.reviewNew are asked as well before a job
// makes new files. Then New is set, there is no document at URI and Version is 0,
// the one hunk is the whole text, and Also are the other files of the job, which
// stand and fall with it.
type ReviewParams struct {
	Job     string       `json:"job"`
	Action  string       `json:"action"`
	Label   string       `json:"label"`
	URI     string       `json:"uri"`
	Version int32        `json:"version"` // of the document that Range and Hunks speak of
	New     bool         `json:"new,omitempty"`
	Range   Range        `json:"range"` // what the model was asked about
	Hunks   []ReviewHunk `json:"hunks"` // in document order, none touching another
	Also    []ReviewFile `json:"also,omitempty"`
	Tier    string       `json:"tier,omitempty"`
	Model   string       `json:"model,omitempty"`
	Why     string       `json:"why,omitempty"`
}

// ReviewHunk replaces whole lines; an empty Range inserts.
type ReviewHunk struct {
	Range   Range  `json:"range"`
	NewText string `json:"newText"`
}

// ReviewFile is a file to be made.
type ReviewFile struct {
	URI  string `json:"uri"`
	Text string `json:"text"`
}

// ReviewResult is the user's decision; null declines.
type ReviewResult struct {
	Accept bool         `json:"accept"`
	Hunks  *[]int       `json:"hunks,omitempty"` // indices of those accepted; absent: all
	Retry  *ReviewRetry `json:"retry,omitempty"` // decline, and ask again
}

// ReviewRetry starts the job anew on the newest text; what is absent stays.
type ReviewRetry struct {
	Prompt string `json:"prompt,omitempty"`
	Tier   string `json:"tier,omitempty"`
}

// Status is the parameter of hob/status and the reply of the command hob.status.
type Status struct {
	State   string            `json:"state"` // idle, busy, degraded
	Jobs    []StatusJob       `json:"jobs"`
	Models  map[string]string `json:"models"` // by tier
	Message string            `json:"message"`
	MCP     map[string]string `json:"mcp,omitempty"` // state by server, as in MCPServer
}

// StatusJob is one running job.
type StatusJob struct {
	Job    string `json:"job"`
	Action string `json:"action"`
	URI    string `json:"uri"`
	State  string `json:"state"` // as in JobProgress, or waiting: for the user
}
