// Hob is a language server that turns code actions into generation jobs on local models.
package main

func main() {}
