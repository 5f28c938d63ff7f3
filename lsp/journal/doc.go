// Package journal keeps what jobs changed, so that a job can be taken back even
// after its files were saved and the editor was closed.
//
// An entry is one file in a folder of the user's own, written whole or not at all
// and read by nobody else. Several servers may use one folder: no file is ever
// changed, and what is torn, foreign or too old counts as not there. Entries hold
// the texts of files before and after, and nothing else of the job: no prompt and
// no reply.
package journal
