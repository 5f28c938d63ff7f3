-- A change over several files: the plan is shown first, then each file asks, and each is one undo step.
local T = ...
T.write('go.mod', 'module example.com/shop\n')
local store = 'package store\n\n// NewStore makes an empty store.\nfunc NewStore() []int {\n\treturn nil\n}\n'
local api = [[
package api

import "example.com/shop/store"

// Serve answers requests.
func Serve() []int {
	return store.NewStore()
}
]]
T.write('api/api.go', api)
local buf = T.open('store/store.go', store)
local plan = { steps = {
  { kind = 'edit', file = 'store/store.go', symbol = 'NewStore', what = 'take a capacity' },
  { kind = 'edit', file = 'api/api.go', symbol = 'Serve', what = 'pass eight' },
} }
T.model.says({ text = vim.json.encode(plan), last = 'plan this change' })
T.model.says({
  text = '```go\n// NewStore makes an empty store.\nfunc NewStore(n int) []int {\n\treturn make([]int, 0, n)\n}\n```',
  last = 'take a capacity',
})
T.model.says({
  text = '```go\n// Serve answers requests.\nfunc Serve() []int {\n\treturn store.NewStore(8)\n}\n```',
  last = 'pass eight',
})
local asked
vim.ui.select = function(items, opts, done)
  asked = opts.prompt
  done(items[1], 1)
end
T.will_choose(1)
vim.cmd.Hob('refactor Give NewStore a capacity parameter')
T.eq(T.ended().status, 'applied', 'refactor')
T.has(asked, 'NewStore', 'the plan is shown')
T.eq(T.text(buf), (store:gsub('NewStore%(%)', 'NewStore(n int)'):gsub('return nil', 'return make([]int, 0, n)')), 'this file')
local other = vim.fn.bufnr(T.work .. '/api/api.go')
T.ok(other > 0, 'the other file is open')
T.eq(T.text(other), (api:gsub('NewStore%(%)', 'NewStore(8)')), 'the other file')
T.eq(T.undo(), store, 'undone here')
vim.cmd.buffer(other)
T.eq(T.undo(), api, 'undone there')
