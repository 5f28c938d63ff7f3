-- A component grows in a window of its own; its file is made when it is accepted, shown, and can be written.
local T = ...
T.write('package.json', '{"dependencies": {"react": "18.3.0"}, "devDependencies": {"typescript": "5.6.0"}}\n')
T.write('src/components/Card.tsx', 'export function Card({ title }: { title: string }) {\n  return <div>{title}</div>;\n}\n')
local app = T.open('src/App.tsx', 'export function App() {\n  return <main />;\n}\n')
local code = [[
export interface BadgeProps {
  label: string;
}

export function Badge({ label }: BadgeProps) {
  return <span className="badge">{label}</span>;
}
]]
local function says(gate, instruction)
  local after = select(2, code:find('label: str', 1, true)) + #'```tsx\n'
  local gates = gate and { { name = gate, after = after } } or nil
  T.model.says({ text = '```tsx\n' .. code .. '```', last = instruction or 'a badge with a label', chunk = 1, gates = gates })
end
local function windows()
  return vim.tbl_filter(function(win)
    return vim.api.nvim_win_get_config(win).relative ~= ''
  end, vim.api.nvim_list_wins())
end
local function growing(gate)
  says(gate)
  vim.cmd.Hob('component a badge with a label')
  T.model.wait_gate(gate)
  return T.wait('its text grows', function()
    local win = windows()[1]
    local text = win and T.text(vim.api.nvim_win_get_buf(win))
    return text and vim.endswith(text, 'label: str\n') and win
  end)
end
local function nothing_made()
  T.eq(#windows(), 0, 'the window is gone')
  T.eq(vim.api.nvim_get_current_buf(), app, 'back in the file')
  T.eq(T.read('src/components/Badge.tsx'), nil, 'nothing on disk')
  T.eq(vim.fn.bufnr('Badge.tsx'), -1, 'and no buffer')
end

local win = growing('grows')
T.eq(vim.api.nvim_get_current_buf(), app, 'nobody is sent there')
T.has(vim.inspect(vim.api.nvim_win_get_config(win).title), 'src/components/Badge.tsx: hob: writing', 'its title')
T.eq(T.read('src/components/Badge.tsx'), nil, 'nothing on disk')
T.model.release('grows')
T.eq(T.new_file(), win, 'it waits in the same window')
T.eq(T.text(), code, 'all of it')
local config = vim.api.nvim_win_get_config(win)
T.has(vim.inspect(config.title), 'new: src/components/Badge.tsx', 'its title')
T.has(vim.inspect(config.footer), '<CR> accept', 'the keys')
T.eq(#vim.lsp.get_clients({ bufnr = 0 }), 0, 'no server is told of it')
T.press('<CR>')
T.eq(T.ended().status, 'applied', 'component')
T.eq(#windows(), 0, 'the window is gone')
T.has(vim.api.nvim_buf_get_name(0), '/src/components/Badge.tsx', 'the new file is shown')
T.eq(T.text(), code, 'its text')
T.eq(#T.told('new file src/components/Badge.tsx'), 1, 'it is named')
T.eq(T.asked, {}, 'nobody is asked a second time')
vim.cmd('silent write')
T.eq(T.read('src/components/Badge.tsx'), code, 'written')
vim.cmd('silent bwipeout')
vim.fn.delete(T.work .. '/src/components/Badge.tsx')
vim.cmd.buffer(app)
T.wait('the server knows that it is gone', function()
  local answer = T.client():request_sync('workspace/executeCommand', { command = 'hob.stats' }, 60000)
  return answer.result.workspace.files == 3
end)

-- Every way to say no, and in the middle of it.
for _, no in ipairs({ '<BS>', 'q', ':Hob reject<CR>', '<C-w>c' }) do
  says()
  vim.cmd.Hob('component a badge with a label')
  T.new_file()
  T.press(no)
  T.eq(T.ended().status, 'declined', no)
  nothing_made()
end
growing('cancelled')
vim.cmd.Hob('cancel')
T.eq(T.ended().status, 'cancelled', 'cancelled')
nothing_made()
win = growing('closed')
vim.api.nvim_win_close(win, true)
T.model.release('closed')
T.new_file() -- what was closed is shown again to be decided about
T.eq(T.text(), code, 'all of it')

-- Another instruction.
says(nil, 'a badge with a colour')
T.will_type('a badge with a colour')
T.press('cp')
T.eq(T.ended().status, 'declined', 'the first job')
T.new_file()
T.press('<BS>')
T.eq(T.ended().status, 'declined', 'the second job')
nothing_made()

-- Who is elsewhere decides from there; the end of the server is the end of it.
vim.g.hob = { answers = 'split' }
says()
vim.cmd.Hob('component a badge with a label')
T.wait('it waits to be looked at', function()
  return vim.api.nvim_get_current_buf() ~= app
end)
T.has(vim.wo.winbar, 'new: src/components/Badge.tsx', 'in a split')
vim.cmd.wincmd('p')
vim.cmd.Hob('reject')
T.eq(T.ended().status, 'declined', 'from another window')
vim.g.hob = nil
growing('killed')
T.kill_server()
T.wait('the window goes', function()
  return #windows() == 0
end)
nothing_made()
T.restart()

-- Who wants no preview has none. Options go to the server; the instant tier needs no model.
vim.g.hob = { preview = false }
T.messages = {}
says()
T.will_choose(1)
vim.cmd.Hob('component a badge with a label')
T.eq(T.ended().status, 'applied', 'component')
T.eq(T.text(), code, 'shown')
vim.cmd.buffer(app)
vim.cmd.Hob('component tier=instant name=Note dir=src a note with a text')
local result = T.ended()
T.eq({ result.status, result.tier }, { 'applied', 'instant' }, 'instant')
T.has(vim.api.nvim_buf_get_name(0), '/src/Note.tsx', 'shown')
