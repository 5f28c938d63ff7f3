-- What the voices of a review find is shown as diagnostics; one of them is fixed, and goes with the code it is about.
local T = ...
vim.g.hob = { preview = false }
local original = 'package a\n\nfunc Div(a, b int) int {\n\treturn a / b\n}\n\nfunc Name() string {\n\treturn "nmae"\n}\n'
local buf = T.open('a.go', original)
local function says(voice, findings)
  local list = #findings > 0 and vim.json.encode(findings) or '[]'
  T.model.says({ text = '{"findings":' .. list .. '}', last = 'You are the ' .. voice })
end
says('reviewer', { { quote = 'return a / b', severity = 'error', message = 'Division by zero panics when b is zero.' } })
says('security', {})
says('tester', { { quote = 'return "nmae"', severity = 'warning', message = 'A typing error.' } })
vim.cmd.Hob('review')
local result = T.ended()
T.eq(result.status, 'answered', 'review')
local found = T.wait('the findings are shown', function()
  local all = vim.diagnostic.get(buf)
  return #all == 2 and all
end)
table.sort(found, function(a, b)
  return a.lnum < b.lnum
end)
T.eq({ found[1].lnum, found[1].severity, found[1].source, found[1].code }, { 3, vim.diagnostic.severity.ERROR, 'hob', 'reviewer' }, 'the first')
T.eq({ found[2].lnum, found[2].severity, found[2].code }, { 7, vim.diagnostic.severity.WARN, 'tester' }, 'the second')
T.wait('the sum of it is said', function()
  return #T.told('The review found 1 error, 1 warning.') == 1
end)
T.eq(#vim.api.nvim_list_wins(), 1, 'and not in a window')
T.eq(T.text(), original, 'untouched')

-- They move along with the text, and one is fixed from the menu.
vim.api.nvim_buf_set_lines(buf, 0, 0, false, { '// A.' })
T.wait('they moved', function()
  return vim.deep_equal(vim.tbl_map(function(d)
    return d.lnum
  end, vim.fn.sort(vim.diagnostic.get(buf), function(a, b)
    return a.lnum - b.lnum
  end)), { 4, 8 })
end)
T.model.says({ text = '```go\nfunc Name() string {\n\treturn "name"\n}\n```', contains = 'A typing error.' })
vim.api.nvim_win_set_cursor(0, { 9, 9 })
T.action('Fix: A typing error.')
T.eq(T.ended().status, 'applied', 'fix')
T.eq(T.text(), '// A.\n' .. original:gsub('nmae', 'name'), 'fixed')
T.wait('what is fixed is no longer shown', function()
  local all = vim.diagnostic.get(buf)
  return #all == 1 and all[1].lnum == 4
end)
vim.api.nvim_buf_set_lines(buf, 4, 5, false, { '\treturn a' })
T.wait('what was changed by hand neither', function()
  return #vim.diagnostic.get(buf) == 0
end)

-- Nothing found is said too.
for _, voice in ipairs({ 'reviewer', 'security', 'tester' }) do
  says(voice, {})
end
vim.cmd('4,6Hob review')
T.eq(T.ended().status, 'answered', 'review of a part')
T.wait('so it is said', function()
  return #T.told('The review found nothing.') == 1
end)
