// Package config is Hob's one configuration: built-in values, the user's file,
// the workspace's file, the environment, the editor's settings and flags, in
// this order, later wins. [Load] is a function of its [Inputs]; it never fails:
// what it can't use becomes a [Problem] with its place, and the rest works.
//
// A workspace is somebody else's text: its file can set only keys that neither
// redirect an endpoint, nor start a program, nor widen what leaves the machine.
package config
