// Package lsptest runs the whole language server against an editor without a
// screen and a scripted model server, from scenarios.
//
// A scenario is one txtar file in testdata/scenario. Its comment says what it
// shows; a new scenario is a new file. Its sections:
//
//	script        what happens, one verb a line
//	model         what the model server has and says, as modeltest.Parse reads it
//	config.toml   the user's configuration
//	want/PATH     the text of a file at the end; files without one must not have changed
//	PATH          a file of the workspace
//
// In files «…» marks the selection that `open` makes, ␍ stands for a carriage
// return and ␄ at the end of the last line for a text that does not end with a
// line feed. `go test -update` rewrites the want sections.
//
// Nothing sleeps: what is expected is waited for until the scenario's deadline.
// After the script the session ends in order, unless the script ended it, and
// the following must hold: the server broke no rule of the protocol, answered
// every request once and served no error; the model server has no request left;
// no file differs from what the scenario expects.
//
// # Verbs
//
// Before the session starts:
//
//	profile NAME             the capabilities of a real editor, from testdata/capabilities
//	encoding utf-8           the position encoding to offer; utf-16 without
//	with PATH...             adds flags to them: with experimental.hob.buttons
//	without PATH...          takes capabilities away: without workspace.applyEdit
//	settings JSON            the editor's settings for section hob
//	flag KEY VALUE           a flag of the command line
//	roots DIR...             several workspace folders
//	bytes FILE "..."         writes a file that is no text
//	fill FILE N "LINE"       writes a file of N equal lines
//	mkdir DIR                makes an empty folder
//	many DIR N               writes N small files
//	answer-first             edits are answered before the change they make is told
//	state                    the server keeps a state folder
//	unready                  does not wait for the first scan of the workspace
//	unwatched                the workspace is on a file system that can't be watched
//	mcp NAME SERVER          an MCP server of the user's: one of mcptest, by its name
//	nomodels                 there is no model server
//
// A PLACE is one of: over "text", before "text", after "text" (where text occurs
// once in the file), start, end, all, or positions as they go over the wire,
// counted from zero: 3:4 or 3:4-5:0.
//
//	open FILE                opens it; a selection mark selects
//	select FILE PLACE        cursor or selection for what follows
//	diag PLACE "message"     a diagnostic for what follows
//	points FILE PLACE "message"  a place that the last diagnostic points to
//	type FILE PLACE "text"   a change of the user; the place is what is replaced
//	undo, save, close FILE
//	write FILE "text", rm FILE   outside the editor
//	ready                    waits for the first scan of the workspace
//	actions [only=K,K] [auto]    opens the menu
//	pick "TITLE" [as=NAME] [wait]    runs the command of an action of the menu
//	run COMMAND [as=NAME] [wait] [prompt= name= framework= dir= tier= model=
//	    version=N|none uri= uris=A,B voices=A,B changes confirm apply=false norange]
//	revert [JOB] [as=NAME] [wait]    takes back a job, the newest without a name
//	await [NAME] FIELD=value FIELD~regexp...     how a job ends; j2 is the server's own name,
//	    for one that a button started; tools="read 2/3" are three calls of which two went well
//	hold GATE, release GATE  waits for the model at a gate; lets it go on, after all that was typed
//	cancel, cancel-progress, cancel-request [NAME]
//	input "text", dismiss    the next answer to hob/input
//	steps 0 2                the next answer to hob/plan: the steps to carry out
//	choose "TITLE"           the next answer to a message with buttons; without one they are closed
//	think                    messages with buttons stay open until choose
//	review                   edits wait for accept or decline; hold-review waits for one
//	accept, decline
//	hunks accept [N...], hunks decline|dismiss    the answer to the next hob/review
//	hunks retry [prompt= tier=], hunks moved      likewise: ask again, the text is another
//	hunks hold, hunks gone   waits until a review is open; until none is any more
//	pretend                  the next edit is called applied and is not
//	configure JSON           other settings, while the session runs
//	restart                  ends the session in order and begins another
//	shutdown, exit, hangup, crash    ends the session: the parts of an orderly end,
//	    the editor closing its side, the stream closed at once
//
// Expectations; those that begin with "no" are checked at the end:
//
//	expect action "TITLE", expect no action "TITLE"    in the last menu, at once
//	expect message ~regexp, expect no message ~regexp    "error: ...", or the "buttons: A, B" of one
//	expect progress ~regexp, preview ~regexp, status ~regexp, shown ~regexp, asked ~regexp, hunks ~regexp, plan ~regexp
//	expect edit ~regexp                                the params of a workspace edit
//	expect diagnostics ~regexp    "FILE [...]" as a document has them now
//	expect registered ~regexp, told ~regexp            what the server asked to be told, and was
//	expect stats ~regexp                               until hob.stats says so
//	expect prompt ~regexp, expect no prompt ~regexp    what the model was sent, all requests
//	expect edits N           workspace edits that came, at the end
//	expect model FIELD=N     requests (chats), cancelled, complete, loads; at the end
//	expect content ~regexp   of the last document shown, through workspace/textDocumentContent
//	expect served ok, expect served ~regexp    how Serve ended
package lsptest
