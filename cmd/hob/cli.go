package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"github.com/hob-ls/hob/lsp/config"
)

// version is set by the linker; a plain go build has what the module knows.
var version = ""

func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1 // refused, failed, or found something wrong
	exitUsage  = 2
)

// command is the command line.
type command struct {
	Common

	Serve  serveCmd  `cmd:"" default:"withargs" help:"The language server on stdin and stdout (the default)."`
	Run    runCmd    `cmd:"" help:"One job without an editor; prints a unified diff."`
	Demo   demoCmd   `cmd:"" help:"Generate a component in a sample project, step by step."`
	Doctor doctorCmd `cmd:"" help:"Check endpoints, models, limits, configuration and editors."`
	Bench  benchCmd  `cmd:"" help:"Measure what Hob itself costs, against a scripted model server."`
	Index  indexCmds `cmd:"" help:"What Hob sees of a folder."`
	MCP    mcpCmd    `cmd:"" name:"mcp" help:"The index as an MCP server on stdin and stdout, for other agents."`
	Config configCmd `cmd:"" name:"config" help:"The effective configuration and where each value came from."`

	Version versionCmd `cmd:"" help:"Print the version."`
}

type versionCmd struct{}

// Run is `hob version`, the same as --version.
func (versionCmd) Run(a *app) error {
	_, err := fmt.Fprintln(a.out, "hob "+versionText())
	return err
}

// Common are the flags that every command has.
type Common struct {
	UserFile string           `name:"config" env:"HOB_CONFIG" placeholder:"FILE" help:"Configuration to read instead of $XDG_CONFIG_HOME/hob/config.toml."`
	Log      string           `env:"HOB_LOG" placeholder:"FILE" help:"Append the log to FILE."`
	LogLevel string           `env:"HOB_LOG_LEVEL" enum:",debug,info,warn,error" default:"" placeholder:"LEVEL" help:"debug, info, warn or error."`
	Debug    string           `env:"HOB_DEBUG" placeholder:"ADDR" help:"Serve pprof and expvar on this loopback address, such as 127.0.0.1:6060."`
	Version  kong.VersionFlag `help:"Print the version."`
}

// app is what a command works with.
type app struct {
	ctx      context.Context // ends with the first signal
	common   Common
	in       io.Reader
	out, err io.Writer
	log      *slog.Logger
	sources  *config.Inputs // instead of the user's own, for measurements
	state    string         // instead of the user's own folder, for measurements
}

// usageError is a command line that can't be understood.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// errReported ends a command with exitFailed; what is the matter has been printed.
var errReported = errors.New("reported")

// leave is how kong's own --help and --version end.
type leave int

// run is the whole program; it returns the exit code.
func run(ctx context.Context, args []string) (code int) {
	a := &app{ctx: ctx, in: os.Stdin, out: os.Stdout, err: os.Stderr}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case leave:
			code = int(r)
		default:
			panic(r)
		}
	}()
	var c command
	parser, err := kong.New(&c,
		kong.Name("hob"),
		kong.Description("A language server that turns code actions into generation jobs on local models."),
		kong.Writers(a.out, a.err),
		kong.Exit(func(code int) { panic(leave(code)) }),
		kong.Vars{"version": "hob " + versionText()},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
	)
	if err != nil {
		return a.fail(err)
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return a.fail(usagef("%s", err))
	}
	a.common = c.Common
	end, err := a.open(parsed.Command())
	if err != nil {
		return a.fail(err)
	}
	defer end()
	return a.fail(parsed.Run(a))
}

// fail prints why a command ended and gives its exit code.
func (a *app) fail(err error) int {
	var usage *usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errReported):
		return exitFailed
	case errors.As(err, &usage):
		_, _ = fmt.Fprintf(a.err, "hob: %s\nhob --help says what there is\n", usage.text)
		return exitUsage
	}
	_, _ = fmt.Fprintf(a.err, "hob: %s\n", plain(err.Error()))
	return exitFailed
}

// open starts the log and the debug page; end closes them.
func (a *app) open(name string) (end func(), err error) {
	closeLog, err := a.openLog(strings.HasPrefix(name, "serve") || strings.HasPrefix(name, "mcp"))
	if err != nil {
		return nil, err
	}
	closeDebug, err := a.openDebug()
	if err != nil {
		closeLog()
		return nil, err
	}
	return func() { closeDebug(); closeLog() }, nil
}

// inputs are the configuration's sources, but for the editor and its folders.
func (a *app) inputs() config.Inputs {
	if a.sources != nil {
		return *a.sources
	}
	return config.Inputs{UserFile: a.common.UserFile, Env: os.Environ()}
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// colours reports whether a stream shows colours: https://no-color.org.
func colours(stream any) bool {
	return isTerminal(stream) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// style writes ANSI colours where they are wanted.
type style struct{ on bool }

func (s style) paint(code, text string) string {
	if !s.on || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[m"
}

func (s style) bold(text string) string   { return s.paint("1", text) }
func (s style) dim(text string) string    { return s.paint("2", text) }
func (s style) red(text string) string    { return s.paint("31", text) }
func (s style) green(text string) string  { return s.paint("32", text) }
func (s style) yellow(text string) string { return s.paint("33", text) }
func (s style) cyan(text string) string   { return s.paint("36", text) }
