// Package workspacetest sets up workspaces for tests: folders of files, from a map or
// from an archive in a string, opened for real and scanned.
//
// What it opens is closed with the test, and what fails fails the test.
package workspacetest
