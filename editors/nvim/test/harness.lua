-- What the cases use: files, the model's script, what the user is told and asked, conditions.
-- Ends Neovim with 0 when the case ran through, else with 1 and what went wrong.
local work = assert(vim.env.E2E_WORK)
local limit = 60000 -- milliseconds for any condition

local T = { work = work }

local function finish(code)
  for _, client in ipairs(vim.lsp.get_clients()) do
    client:stop(true)
  end
  io.stdout:flush()
  os.exit(code)
end

--- Waits until f gives something true, which it returns.
function T.wait(what, f, ...)
  local args, value = { ... }, nil
  if not vim.wait(limit, function()
    value = f(unpack(args))
    return value
  end, 5) then
    error(('waited in vain: %s\nmessages: %s'):format(what, vim.inspect(T.messages)), 2)
  end
  return value
end

function T.eq(got, want, what)
  if not vim.deep_equal(got, want) then
    error(('%s\ngot:  %s\nwant: %s'):format(what or 'different', vim.inspect(got), vim.inspect(want)), 2)
  end
end

function T.ok(value, what)
  if not value then
    error(what, 2)
  end
  return value
end

function T.has(text, part, what)
  if not tostring(text):find(part, 1, true) then
    error(('%s: %q is not in\n%s'):format(what or 'text', part, tostring(text)), 2)
  end
end

-- Files of the workspace.

function T.write(name, text)
  local path = work .. '/' .. name
  vim.fn.mkdir(vim.fs.dirname(path), 'p')
  local f = assert(io.open(path, 'wb'))
  f:write(text)
  f:close()
  return path
end

function T.read(name)
  local f = io.open(work .. '/' .. name, 'rb')
  local text = f and f:read('*a')
  if f then
    f:close()
  end
  return text
end

--- Opens a file that is written first, and waits until the server knows the workspace.
function T.open(name, text)
  local path = T.write(name, text)
  vim.cmd.edit(path)
  T.attached()
  return vim.api.nvim_get_current_buf()
end

function T.attached()
  T.wait('the server attaches', function()
    return T.client()
  end)
  T.wait('the workspace is read', function()
    local answer = T.client():request_sync('workspace/executeCommand', { command = 'hob.stats' }, limit)
    return answer and answer.result and answer.result.workspace.scan_ms > 0
  end)
end

function T.client()
  return vim.lsp.get_clients({ name = 'hob', bufnr = 0 })[1]
end

function T.text(buf)
  return table.concat(vim.api.nvim_buf_get_lines(buf or 0, 0, -1, false), '\n') .. '\n'
end

--- Neovim holds changes back for a moment, but for a request that is about their buffer.
function T.told_server(buf)
  T.client():request_sync('workspace/executeCommand', { command = 'hob.status' }, limit, buf)
end

-- What is drawn over a buffer.

--- All that Hob drew.
function T.marks(buf)
  local ns = vim.api.nvim_get_namespaces()['hob']
  return ns and vim.api.nvim_buf_get_extmarks(buf, ns, 0, -1, { details = true }) or {}
end

--- What is seen of it: the new lines, each behind the given row (-1: above the first), the old lines with their
--- highlights, what stands at the ends of lines, and all new text.
function T.preview(buf)
  local seen = { new = {}, old = {}, stage = '', text = '' }
  for _, mark in ipairs(T.marks(buf)) do
    local row, d = mark[2], mark[4]
    for _, chunks in ipairs(d.virt_lines or {}) do
      local line = ''
      for _, chunk in ipairs(chunks) do
        line = line .. chunk[1]
      end
      line = line:gsub('%s+$', '')
      table.insert(seen.new, { d.virt_lines_above and row - 1 or row, (line:gsub(('\t'), '    ')) })
      seen.text = seen.text .. line .. '\n'
    end
    if d.hl_group then
      table.insert(seen.old, { d.hl_group, row, d.end_row })
    end
    if d.virt_text then
      seen.stage = d.virt_text[1][1]
    end
  end
  return seen
end

--- Waits until changes are shown for review in a buffer.
function T.review(buf)
  return T.wait('a review opens', function()
    return require('hob.review').of(buf or vim.api.nvim_get_current_buf())
  end)
end

--- Waits until a file to be made is shown for review, and gives its window.
function T.new_file()
  return T.wait('a new file is shown', function()
    local win = vim.api.nvim_get_current_win()
    local config = vim.api.nvim_win_get_config(win)
    return config.relative ~= '' and vim.inspect(config.title):find('new: ', 1, true) and win
  end)
end

--- Presses keys as a user does, with all maps.
function T.press(keys)
  vim.api.nvim_feedkeys(vim.keycode(keys), 'xtm', false)
end

-- The server.

--- Ends the server as a crash does.
function T.kill_server()
  local client = T.client()
  for _, pid in ipairs(vim.api.nvim_get_proc_children(vim.fn.getpid())) do
    if vim.api.nvim_get_proc(pid).name == 'hob' then
      vim.uv.kill(pid, 'sigkill')
    end
  end
  T.wait('the server is gone', function()
    return client:is_stopped()
  end)
end

--- Starts the server again, as a user does.
function T.restart()
  vim.lsp.enable('hob', false)
  vim.lsp.enable('hob')
  T.attached()
end

--- A second Neovim in a terminal.
function T.tui()
  return assert(loadfile(vim.fs.dirname(vim.env.E2E_HARNESS) .. '/tui.lua'))(T)
end

-- The model: every call is answered by the test that started Neovim.

local pipe = assert(vim.uv.new_pipe())
local answers, calls, buffered = {}, 0, ''
local connected
pipe:connect(vim.env.E2E_SOCKET, function(err)
  connected = err or true
  pipe:read_start(function(_, data)
    buffered = buffered .. (data or '')
    while true do
      local line, rest = buffered:match('^([^\n]*)\n(.*)$')
      if not line then
        return
      end
      buffered = rest
      local answer = vim.json.decode(line, { luanil = { object = true } })
      answers[answer.id] = answer
    end
  end)
end)

local function ask(call)
  calls = calls + 1
  call.id = calls
  pipe:write(vim.json.encode(call) .. '\n')
  local answer = T.wait('the model answers ' .. call.op, function()
    return answers[call.id]
  end)
  if answer.error then
    error(answer.error, 3)
  end
  return answer.value
end

T.model = {}
--- What the model says next: a string, or the fields of modeltest.Reply.
function T.model.says(reply)
  ask({ op = 'reply', reply = type(reply) == 'string' and { text = reply } or reply })
end
function T.model.wait_gate(name)
  ask({ op = 'wait_gate', name = name })
end
function T.model.release(name)
  ask({ op = 'release', name = name })
end
function T.model.wait_cancelled(count)
  ask({ op = 'wait_cancelled', count = count })
end
function T.model.wait_listed()
  ask({ op = 'wait_listed' })
end
function T.model.prompts()
  return ask({ op = 'chats' })
end
function T.model.open()
  ask({ op = 'open' })
end
function T.model.close()
  ask({ op = 'close' })
end

-- The user: told by vim.notify, asked by vim.ui.input, vim.ui.select and confirm().

T.messages = {}
vim.notify = function(message, level)
  T.messages[#T.messages + 1] = { text = message, level = level }
end

--- Messages of a level or above that hold part.
function T.told(part, level)
  return vim.tbl_filter(function(m)
    return (m.level or 2) >= (level or 0) and m.text:find(part or '', 1, true) ~= nil
  end, T.messages)
end

T.asked = {}
local inputs = {}
--- Answers of the user to vim.ui.input, in order; false dismisses.
function T.will_type(...)
  vim.list_extend(inputs, { ... })
end
vim.ui.input = function(opts, done)
  T.asked[#T.asked + 1] = opts.prompt
  local value = table.remove(inputs, 1)
  done(value or nil)
end

local choice = 1
vim.fn.confirm = function(message)
  T.asked[#T.asked + 1] = message
  return choice
end
function T.will_choose(n)
  choice = n
end

-- What happened.

T.progress = {}
vim.api.nvim_create_autocmd('LspProgress', {
  callback = function(ev)
    table.insert(T.progress, ev.data.params)
  end,
})
T.done = {}
vim.api.nvim_create_autocmd('User', {
  pattern = 'HobJobDone',
  callback = function(ev)
    table.insert(T.done, ev.data.result)
  end,
})

--- Waits for the end of one more job.
function T.ended()
  T.wait('a job ends', function()
    return T.done[1]
  end)
  return table.remove(T.done, 1)
end

--- Selects from (line, byte column) to (line, byte column), both 1-based and inclusive.
function T.select(l1, c1, l2, c2, mode)
  vim.api.nvim_win_set_cursor(0, { l1, c1 - 1 })
  vim.cmd.normal({ mode or 'v', bang = true })
  vim.api.nvim_win_set_cursor(0, { l2, c2 - 1 })
end

function T.leave_visual()
  vim.cmd.normal({ vim.keycode('<Esc>'), bang = true })
end

--- Runs the code action whose title begins so, as a user who picks it from the menu.
function T.action(title)
  local seen
  vim.ui.select = function(items, opts, done)
    seen = vim.tbl_map(opts.format_item or tostring, items)
    for i, item in ipairs(items) do
      if vim.startswith(item.action.title, title) then
        return done(item, i)
      end
    end
    done(nil)
  end
  vim.lsp.buf.code_action()
  T.wait('the menu opens', function()
    return seen
  end)
  for _, item in ipairs(seen) do
    if vim.startswith(item, title) then
      return
    end
  end
  error(('the menu has no %q: %s'):format(title, vim.inspect(seen)), 2)
end

--- Undoes once and reports whether the buffer then holds the text.
function T.undo()
  vim.cmd.undo()
  return T.text()
end

local ok, why = xpcall(function()
  T.wait('the connection to the model', function()
    return connected
  end)
  T.eq(connected, true, 'connecting')
  vim.cmd.cd(work)
  vim.lsp.enable('hob') -- all that a user has to do
  assert(loadfile(vim.env.E2E_CASE))(T)
  -- What Neovim itself had to say: of an error of the plugin, or of anything else, nothing.
  local said = vim.fn.execute('messages')
  for _, part in ipairs({ 'Error', '/lua/hob/', 'E%d+:', 'LSP%[', 'newer than edits' }) do
    T.ok(not said:find(part), 'messages: ' .. said)
  end
end, debug.traceback)
if not ok then
  io.stdout:write(why, '\n')
end
finish(ok and 0 or 1)
