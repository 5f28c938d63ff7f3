package lsptest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/hob-ls/hob/lsp"
	"github.com/hob-ls/hob/lsp/client"
)

// job is a command that was sent.
type job struct {
	req    *client.Request
	waits  bool // the answer is the result; otherwise {"job": ID}
	action string
	id     string // of a job that the server started by itself
}

// serverJob is how a script calls a job that the script did not start.
var serverJob = regexp.MustCompile(`^j[0-9]+$`)

// pick runs the command of a menu entry as an editor does, with the arguments it came with.
func (r *run) pick(l Line) error {
	title := l.arg(0)
	for _, a := range r.menu {
		if a.Title != title {
			continue
		}
		if len(a.Arguments) != 1 {
			return fmt.Errorf("the action has %d arguments", len(a.Arguments))
		}
		var p lsp.JobParams
		if err := json.Unmarshal(a.Arguments[0], &p); err != nil {
			return err
		}
		name := ""
		for _, f := range l.Args[1:] {
			switch {
			case f.Key == "as":
				name = f.Value
			case f.Value == "wait":
				p.Wait = true
			default:
				return fmt.Errorf("what is %v?", f)
			}
		}
		return r.begin(name, a.Command, p)
	}
	return fmt.Errorf("the menu has %v", titles(r.menu))
}

func titles(menu []client.Action) []string {
	out := make([]string, len(menu))
	for i, a := range menu {
		out[i] = a.Title + " (" + a.Kind + ")"
	}
	return out
}

func (r *run) runCommand(l Line) error {
	p := lsp.JobParams{URI: client.URI(r.path(r.file))}
	sel := r.sel
	p.Range = &sel
	if _, version, open := r.client.Text(r.path(r.file)); open {
		p.Version = &version
	}
	for _, d := range r.diags {
		p.Diagnostics = append(p.Diagnostics, json.RawMessage(encoded(d)))
	}
	name := ""
	for _, f := range l.Args[1:] {
		if f.Key == "as" {
			name = f.Value
		} else if err := r.param(&p, f); err != nil {
			return err
		}
	}
	return r.begin(name, l.arg(0), p)
}

// param sets one field of the params of a job.
func (r *run) param(p *lsp.JobParams, f Field) error {
	switch cmp.Or(f.Key, f.Value) {
	case "wait":
		p.Wait = true
	case "confirm":
		p.Confirm = true
	case "norange":
		p.Range = nil
	case "changes":
		p.Changes = true
	case "voices":
		p.Voices = strings.Split(f.Value, ",")
	case "uris":
		for u := range strings.SplitSeq(f.Value, ",") {
			p.URIs = append(p.URIs, r.uri(u))
		}
	case "apply":
		apply := f.Value == "true"
		p.Apply = &apply
	case "version":
		p.Version = nil
		if f.Value != "none" {
			n, err := strconv.ParseInt(f.Value, 10, 32)
			if err != nil {
				return err
			}
			v := int32(n)
			p.Version = &v
		}
	case "uri":
		p.URI = r.uri(f.Value)
		p.Version = nil
	case "prompt":
		p.Prompt = f.Value
	case "name":
		p.Name = f.Value
	case "framework":
		p.Framework = f.Value
	case "dir":
		p.Dir = f.Value
	case "tier":
		p.Tier = f.Value
	case "model":
		p.Model = f.Value
	default:
		return fmt.Errorf("what is %v?", f)
	}
	return nil
}

func (r *run) begin(name, command string, p lsp.JobParams) error {
	return r.command(name, command, p, p.Wait)
}

func (r *run) command(name, command string, p any, waits bool) error {
	req, err := r.client.Begin("workspace/executeCommand", map[string]any{"command": command, "arguments": []any{p}})
	if err != nil {
		return err
	}
	r.last = cmp.Or(name, "the job")
	r.jobs[r.last] = &job{req: req, waits: waits, action: command}
	return nil
}

// revert takes back a job, named as the server does, or the newest.
func (r *run) revert(l Line) error {
	var p lsp.RevertParams
	name := ""
	for _, f := range l.Args {
		switch {
		case f.Key == "as":
			name = f.Value
		case f.Value == "wait":
			p.Wait = true
		case serverJob.MatchString(f.Value):
			p.Job = f.Value
		default:
			return fmt.Errorf("what is %v?", f)
		}
	}
	return r.command(name, "hob.revert", p, p.Wait)
}

func (r *run) job(name string) (*job, error) {
	if j := r.jobs[cmp.Or(name, r.last)]; j != nil {
		return j, nil
	}
	if serverJob.MatchString(name) {
		return &job{id: name}, nil
	}
	return nil, fmt.Errorf("no job %q", cmp.Or(name, r.last))
}

// id is the server's name of a job. A command that does not wait was answered
// with it; of one that waits it is read from hob.status.
func (r *run) id(j *job) (string, error) {
	if j.id != "" {
		return j.id, nil
	}
	if !j.waits {
		var answer struct {
			Job string `json:"job"`
		}
		if err := j.req.Wait(r.ctx, &answer); err != nil {
			return "", err
		}
		if answer.Job == "" {
			return "", errors.New("the answer names no job")
		}
		return answer.Job, nil
	}
	raw, err := r.client.Execute(r.ctx, "hob.status")
	if err != nil {
		return "", err
	}
	var status lsp.Status
	if err := json.Unmarshal(raw, &status); err != nil {
		return "", err
	}
	if len(status.Jobs) == 0 {
		return "", errors.New("no job runs")
	}
	return status.Jobs[len(status.Jobs)-1].Job, nil
}

// result waits for the end of a job.
func (r *run) result(j *job) (*lsp.JobResult, error) {
	if j.waits {
		return j.req.Job(r.ctx)
	}
	id, err := r.id(j)
	if err != nil {
		return nil, err
	}
	var res lsp.JobResult
	err = r.journal.wait(r.ctx, func() bool {
		if len(r.journal.done[id]) == 0 {
			return false
		}
		res = r.journal.done[id][0]
		return true
	})
	if err != nil {
		return nil, fmt.Errorf("job %s does not end: %w", id, err)
	}
	return &res, nil
}

func (r *run) await(l Line) error {
	j, err := r.job(l.arg(0))
	if err != nil {
		return err
	}
	res, err := r.result(j)
	var refused *client.Error
	if errors.As(err, &refused) {
		res, err = refusal(refused), nil
	}
	if err != nil {
		return err
	}
	fields := fieldsOf(res)
	for _, f := range l.Args {
		if f.Op == "" {
			continue
		}
		value, ok := fields[f.Key]
		if !ok {
			return fmt.Errorf("results have no field %q", f.Key)
		}
		if !f.match(value) {
			return fmt.Errorf("want %v, got %s", f, encoded(res))
		}
	}
	return nil
}

// refusal is the result of a command that never became a job: status "refused",
// and the code as kind where the answer names none.
func refusal(e *client.Error) *lsp.JobResult {
	var res lsp.JobResult
	if json.Unmarshal(e.Data, &res) != nil || res.Error == nil {
		res = lsp.JobResult{Error: &lsp.JobError{Message: e.Message, Kind: strconv.Itoa(e.Code)}}
	}
	res.Status = "refused"
	return &res
}

// fieldsOf are the fields of a result that scenarios can name.
func fieldsOf(res *lsp.JobResult) map[string]string {
	m := map[string]string{
		"diff": res.Diff, "status": res.Status, "action": res.Action, "tier": res.Tier, "model": res.Model, "why": res.Why, "answer": res.Answer,
		"edit": string(res.Edit), "files": strings.Join(res.Files, " "), "left": strings.Join(res.Left, "; "), "again": res.Again, "kind": "", "message": "", "hint": "", "calls": "", "output_tokens": "",
	}
	if e := res.Error; e != nil {
		m["kind"], m["message"], m["hint"] = e.Kind, e.Message, e.Hint
	}
	var tools []string
	for _, t := range res.Tools {
		tools = append(tools, fmt.Sprintf("%s %d/%d", t.Name, t.Calls-t.Failed, t.Calls))
	}
	m["tools"] = strings.Join(tools, ", ")
	if u := res.Usage; u != nil {
		m["calls"], m["output_tokens"] = strconv.Itoa(u.Calls), strconv.Itoa(u.OutputTokens)
	}
	return m
}

func (r *run) cancel(l Line) error {
	j, err := r.job(l.arg(0))
	if err != nil {
		return err
	}
	id, err := r.id(j)
	if err != nil {
		return err
	}
	_, err = r.client.Execute(r.ctx, "hob.cancel", map[string]string{"job": id})
	return err
}

// cancelProgress presses the button of the newest progress, once there is one.
func (r *run) cancelProgress(l Line) error {
	token := ""
	err := r.journal.wait(r.ctx, func() bool {
		for _, p := range r.journal.progress {
			if p.Kind == "begin" {
				token = p.Token
			}
		}
		return token != ""
	})
	if err != nil {
		return fmt.Errorf("no progress began: %w", err)
	}
	return errors.Join(l.want(0), r.client.CancelProgress(token))
}

func (r *run) cancelRequest(l Line) error {
	j, err := r.job(l.arg(0))
	if err != nil {
		return err
	}
	return j.req.Cancel()
}
