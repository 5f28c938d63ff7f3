-- Beside another server on the same buffer: its fixes are not crowded out, its requests are not answered by Hob,
-- and Hob says nothing unasked.
local T = ...
vim.g.hob = { preview = false }
local original = 'package main\n\nfunc add(a, used int) int {\n\treturn a + usde\n}\n'
local want = original:gsub('usde', 'used')

-- Another server, in this process: a diagnostic and twelve fixes for it.
local asked = {}
local diagnostic = {
  range = { start = { line = 3, character = 12 }, ['end'] = { line = 3, character = 16 } },
  severity = 1,
  source = 'other',
  message = 'undefined: usde',
}
local function fixes(params)
  local found = {}
  for i = 1, 12 do
    local edit = { range = diagnostic.range, newText = 'used' .. (i > 1 and i or '') }
    found[i] = {
      title = ('Other: replace, way %d'):format(i),
      kind = 'quickfix',
      diagnostics = { diagnostic },
      edit = { changes = { [params.textDocument.uri] = { edit } } },
    }
  end
  return found
end
local answers = {
  initialize = function()
    return { capabilities = { codeActionProvider = true, hoverProvider = true, textDocumentSync = 1 } }
  end,
  ['textDocument/codeAction'] = fixes,
  ['textDocument/hover'] = function()
    return { contents = 'from the other' }
  end,
}
local function other(dispatchers)
  local closing, id = false, 0
  return {
    request = function(method, params, callback)
      asked[method] = (asked[method] or 0) + 1
      local result = answers[method] and answers[method](params) or vim.NIL
      vim.schedule(function()
        callback(nil, result)
      end)
      id = id + 1
      return true, id
    end,
    notify = function(method, params)
      if method == 'textDocument/didOpen' then
        dispatchers.notification('textDocument/publishDiagnostics', { uri = params.textDocument.uri, diagnostics = { diagnostic } })
      end
      return true
    end,
    is_closing = function()
      return closing
    end,
    terminate = function()
      closing = true
      dispatchers.on_exit(0, 0)
    end,
  }
end
local buf = T.open('main.go', original)
vim.lsp.start({ name = 'other', cmd = other, root_dir = T.work })
T.wait('the other attaches and complains', function()
  return #vim.lsp.get_clients({ name = 'other', bufnr = buf }) == 1 and #vim.diagnostic.get(buf) == 1
end)
T.eq(#vim.diagnostic.get(buf), 1, 'Hob adds no diagnostics')

-- The menu: all of the other's fixes, and few items of Hob.
local function menu(opts)
  local titles
  vim.ui.select = function(items, _, done)
    titles = vim.tbl_map(function(item)
      return item.action.title
    end, items)
    done(nil)
  end
  vim.lsp.buf.code_action(opts)
  T.wait('the menu opens', function()
    return titles or T.messages[1]
  end)
  local theirs, ours = {}, {}
  for _, title in ipairs(titles or {}) do
    table.insert(vim.startswith(title, 'Other:') and theirs or ours, title)
  end
  return theirs, ours
end
vim.api.nvim_win_set_cursor(0, { 4, 0 })
T.ok(vim.list_contains(select(2, menu()), 'Fix: undefined: usde'), 'anywhere on the line')
vim.api.nvim_win_set_cursor(0, { 4, 13 })
local theirs, ours = menu()
T.eq(#theirs, 12, "the other's fixes")
T.ok(#ours <= 6, 'few of ours: ' .. vim.inspect(ours))
T.ok(vim.list_contains(ours, 'Fix: undefined: usde'), "Hob fixes the other's diagnostic")
theirs, ours = menu({ context = { only = { 'quickfix' } } })
T.eq({ #theirs, ours }, { 12, { 'Fix: undefined: usde' } }, 'fixes alone')
vim.api.nvim_win_set_cursor(0, { 1, 0 })
menu({ context = { only = { 'source.organizeImports' } } })
T.eq(#T.told('No code actions available'), 1, 'nothing that was not asked for')
T.messages = {}
vim.api.nvim_win_set_cursor(0, { 4, 13 })

-- The only item of its kind is applied without asking, as for those who map that to a key.
vim.lsp.buf.code_action({
  apply = true,
  filter = function(action)
    return action.title == 'Other: replace, way 1'
  end,
})
T.wait("the other's fix", function()
  return T.text() == want
end)
T.eq(T.undo(), original, 'undone')

-- What the other is asked is not asked of Hob.
local capabilities = T.client().server_capabilities
for _, name in ipairs({ 'hoverProvider', 'completionProvider', 'definitionProvider', 'documentFormattingProvider', 'renameProvider' }) do
  T.ok(not capabilities[name], name)
end
vim.lsp.buf.hover()
T.wait('hover comes from the other', function()
  return asked['textDocument/hover'] == 1
end)

-- A job of Hob on the buffer of both.
T.model.says({ text = '```go\nfunc add(a, used int) int {\n\treturn a + used\n}\n```', contains = 'undefined: usde' })
vim.api.nvim_win_set_cursor(0, { 4, 13 })
T.action('Fix: undefined: usde')
T.eq(T.ended().status, 'applied', 'fix')
T.eq(T.text(), want, 'fixed')
T.eq(T.messages, {}, 'not a word')

-- Progress is whole: what begins ends, under Hob's name and with a title, as plugins that show it expect.
local began, ended = {}, {}
for _, p in ipairs(T.progress) do
  if p.value.kind == 'begin' then
    T.has(p.value.title, 'Hob: ', 'title')
    began[p.token] = true
  elseif p.value.kind == 'end' then
    ended[p.token] = true
  end
end
T.eq(ended, began, 'tokens')
