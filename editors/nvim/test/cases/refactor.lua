-- A change over several files: the plan is a list that can be cut, then each file asks, and each is one undo step.
local T = ...
T.write('go.mod', 'module example.com/shop\n')
local store = 'package store\n\n// NewStore makes an empty store.\nfunc NewStore() []int {\n\treturn nil\n}\n'
local function user(name)
  return ('package %s\n\nimport "example.com/shop/store"\n\n// Use makes one.\nfunc Use() []int {\n\treturn store.NewStore()\n}\n'):format(name)
end
T.write('api/api.go', user('api'))
T.write('cli/cli.go', user('cli'))
local buf = T.open('store/store.go', store)
local plan = { steps = {
  { kind = 'edit', file = 'store/store.go', symbol = 'NewStore', what = 'take a capacity' },
  { kind = 'edit', file = 'api/api.go', symbol = 'Use', what = 'pass eight' },
  { kind = 'edit', file = 'cli/cli.go', symbol = 'Use', what = 'pass sixteen' },
} }
local new_store = '// NewStore makes an empty store.\nfunc NewStore(n int) []int {\n\treturn make([]int, 0, n)\n}\n'
local function carries_out_two()
  T.model.says({ text = '```go\n' .. new_store .. '```', last = 'take a capacity' })
  T.model.says({ text = '```go\n// Use makes one.\nfunc Use() []int {\n\treturn store.NewStore(8)\n}\n```', last = 'pass eight' })
end
local function start()
  T.model.says({ text = vim.json.encode(plan), last = 'plan this change' })
  vim.cmd.Hob('refactor Give NewStore a capacity parameter')
end
local function shown()
  T.wait('the plan is shown', function()
    return vim.bo.filetype == 'hobplan'
  end)
end
local function gone(status)
  T.eq(T.ended().status, status, 'the job')
  T.eq({ vim.api.nvim_get_current_buf(), #vim.api.nvim_list_wins() }, { buf, 1 }, 'the plan is gone')
  T.eq(T.text(), store, 'untouched')
end
-- Neovim 0.12 asks for each file by itself, for those before the server asks; they can look at the changes first.
local confirms = vim.fn.has('nvim-0.12') == 1
local asked, answers = {}, {}
local function will_answer(choice, ...)
  T.will_choose(choice)
  answers = { ... }
end
vim.ui.select = function(items, opts, done)
  T.ok(not confirms, 'asked by Neovim alone')
  local answer = table.remove(answers, 1)
  table.insert(asked, opts.prompt)
  for _, item in ipairs(items) do
    if item.title == answer then
      return done(item)
    end
  end
  error('offered ' .. vim.inspect(items))
end

-- Plain text, a line a step; the keys tick, take off, bring back.
start()
shown()
local function steps()
  return vim.api.nvim_buf_get_lines(0, 0, -1, false)
end
local all = {
  '[x] store/store.go, NewStore: take a capacity',
  '[x] api/api.go, Use: pass eight',
  '[x] cli/cli.go, Use: pass sixteen',
}
T.eq(steps(), all, 'the steps')
local config = vim.api.nvim_win_get_config(0)
T.has(vim.inspect(config.title), 'refactor store.go: plan by ollama/qwen2.5-coder:3b', 'the title')
T.has(vim.inspect(config.footer), '<CR> carries out', 'the keys')
T.eq(vim.bo.modifiable, false, 'not to be typed into')
T.press('<Space>')
T.has(steps()[1], '[ ] store', 'left out')
T.press('<Tab>')
T.eq(steps(), all, 'ticked again')
T.press('VG<Space>')
T.eq(#vim.tbl_filter(function(line)
  return vim.startswith(line, '[ ]')
end, steps()), 3, 'all are left out')
T.press('<CR>')
T.eq(#T.told('no step of the plan is ticked', vim.log.levels.WARN), 1, 'nothing to carry out is said')
T.press('ggVG<Space>')
T.press('ggVjd')
T.eq(steps(), { all[3] }, 'taken off')
T.press('uu')
T.eq(steps(), all, 'put back')
T.press('Gdd')
T.eq(steps(), { all[1], all[2] }, 'one less')
carries_out_two()
T.model.says({
  text = '{"findings":[{"quote":"return make([]int, 0, n)","severity":"warning","message":"n may be negative."}]}',
  last = 'review the region, in function NewStore',
})
-- Neovim tells of the file that it opens for the edit sooner or later; it is looked at where that was soon enough.
T.model.says({ text = '{"findings":[]}', last = 'review the region, in function Use', keep = true })
will_answer(1, 'Show Changes', 'Apply')
T.press('<CR>')
T.eq(T.ended().status, 'applied', 'refactor')
if not confirms then
  T.has(asked[1], 'change store.go', 'asked')
  local diff = vim.iter(vim.api.nvim_list_wins()):map(vim.api.nvim_win_get_buf):find(function(b)
    return vim.startswith(vim.api.nvim_buf_get_name(b), 'hob:/changes/')
  end)
  T.has(T.text(diff), '+func NewStore(n int) []int {', 'the changes are shown')
  T.eq({ vim.bo[diff].filetype, vim.bo[diff].modifiable }, { 'diff', false }, 'to be read')
  vim.cmd.bwipeout(diff)
end
T.eq(vim.api.nvim_get_current_buf(), buf, 'back in the file')
T.eq(T.text(buf), (store:gsub('// NewStore.*', new_store)), 'this file')
local other = vim.fn.bufnr(T.work .. '/api/api.go')
T.ok(other > 0, 'the other file is open')
T.eq(T.text(other), (user('api'):gsub('NewStore%(%)', 'NewStore(8)')), 'the other file')
T.eq(T.read('cli/cli.go'), user('cli'), 'what was taken off is left alone')
T.eq(T.ended().action, 'review', 'the reviewer looks at what was made')
T.eq(vim.tbl_map(function(d)
  return { d.bufnr, d.lnum, d.message }
end, vim.diagnostic.get()), { { buf, 4, 'n may be negative.' } }, 'what it finds is a diagnostic')
T.eq(T.undo(), store, 'undone here')
vim.cmd.buffer(other)
T.eq(T.undo(), user('api'), 'undone there')
T.told_server(other)

-- The edit of one file is declined: none is made.
vim.cmd.buffer(buf)
start()
shown()
T.press('jjdd')
carries_out_two()
will_answer(2, 'Discard')
vim.cmd.Hob('accept')
gone('declined')
T.eq(T.text(other), user('api'), 'nor there')

-- Every way to say no.
for _, no in ipairs({ 'q', '<Esc>', ':Hob reject<CR>', ':close<CR>', '<C-w>c', ':bwipeout<CR>' }) do
  start()
  shown()
  T.press(no)
  gone('declined')
end
start()
shown()
vim.cmd.Hob('cancel')
gone('cancelled')

-- Who types goes on typing.
vim.cmd.startinsert()
vim.api.nvim_feedkeys(vim.keycode('i'), 'n', false)
local typing
vim.schedule(function()
  start()
  T.wait('the plan waits', function()
    return #T.told('waits for you to look at its plan; :Hob plan goes there') == 1
  end)
  typing = { vim.api.nvim_get_mode().mode, vim.api.nvim_get_current_buf() }
  vim.api.nvim_feedkeys(vim.keycode('<Esc>'), 'n', false)
end)
vim.api.nvim_feedkeys(vim.keycode('<Ignore>'), 'tx!', false)
T.eq(typing, { 'i', buf }, 'still in the text')
vim.cmd.Hob('plan')
shown()
vim.cmd.wincmd('p')
T.kill_server()
T.wait('the plan goes with the server', function()
  return #vim.api.nvim_list_wins() == 1
end)
T.restart()
T.done = {}

-- In a split, for who has answers there.
vim.g.hob = { answers = 'split' }
start()
shown()
T.eq(vim.api.nvim_win_get_config(0).relative, '', 'a split')
T.press('q')
gone('declined')
vim.cmd.Hob('plan')
T.eq(#T.told('there is no plan to look at', vim.log.levels.WARN), 1, 'nothing waits')
