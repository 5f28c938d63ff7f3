-- While the command-line window is open no other can be opened or gone to: what is there already goes on, what is new
-- comes when it is closed.
local T = ...
T.write('package.json', '{"dependencies": {"react": "18.3.0"}, "devDependencies": {"typescript": "5.6.0"}}\n')
T.write('src/components/Card.tsx', 'export function Card({ title }: { title: string }) {\n  return <div>{title}</div>;\n}\n')
local app = 'export function App() {\n  return <main />;\n}\n'
local code = [[
export interface BadgeProps {
  label: string;
}

export function Badge({ label }: BadgeProps) {
  return <span className="badge">{label}</span>;
}
]]
local tui = T.tui()
tui.open(T.write('src/App.tsx', app))
local lua, keys, see, ended, held_back = tui.lua, tui.keys, tui.see, tui.ended, tui.held_back
--- The window of the new file: its text and title.
local function grown()
  return lua([[
    for _, win in ipairs(vim.api.nvim_list_wins()) do
      local config = vim.api.nvim_win_get_config(win)
      if config.relative ~= '' then
        local lines = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(win), 0, -1, false)
        return { text = table.concat(lines, '\n'), title = config.title[1][1] }
      end
    end
    return { text = '', title = '' }]])
end
local function grows_to(part)
  T.wait('it grows to ' .. part, function()
    return vim.endswith(grown().text, part)
  end)
end
--- A component whose model stops behind each of the parts: its gates have their names.
local reply = '```tsx\n' .. code .. '```'
local function component(...)
  local gates = vim.tbl_map(function(part)
    return { name = part, after = select(2, reply:find(part, 1, true)) }
  end, { ... })
  T.model.says({ text = reply, last = 'a badge', chunk = 1, gates = gates })
  keys(':Hob component a badge<CR>')
  T.model.wait_gate(gates[1].name)
end
local function edit(gate)
  T.model.says({
    text = '```tsx\nexport function App() {\n  return <Badge />;\n}\n```',
    last = 'a badge',
    gates = { { name = gate, after = 2 } },
  })
  keys(':1,3Hob edit a badge<CR>')
  T.model.wait_gate(gate)
end
local function reviewed()
  return lua("return require('hob.review').of(1) ~= nil")
end

-- The window of a new file is there already: its text grows on, and it is decided about afterwards.
component('label: str', '{ label }')
grows_to('label: str')
tui.open_command_window()
T.model.release('label: str')
grows_to('{ label }')
T.model.release('{ label }')
held_back()
tui.close_command_window()
see('new: src/components/Badge.tsx')
T.eq(grown().text .. '\n', code, 'all of it')
keys(':Hob reject<CR>')
ended(1, 'declined')

-- There is no window yet: it comes with the whole text.
component('```', 'ing;')
tui.open_command_window()
T.model.release('```')
T.model.wait_gate('ing;')
T.model.release('ing;')
held_back()
T.eq(grown().text, '', 'nothing is shown')
tui.close_command_window()
see('new: src/components/Badge.tsx')
T.eq(grown().text .. '\n', code, 'all of it')
keys(':Hob reject<CR>')
ended(2, 'declined')

-- It goes with its job, as soon as it can.
component('string')
grows_to('string')
tui.open_command_window()
lua('vim.cmd.Hob("cancel")')
ended(3, 'cancelled')
held_back()
tui.close_command_window()
T.wait('it is gone', function()
  return grown().title == ''
end)
T.model.release('string')

-- A review.
edit('review')
tui.open_command_window()
T.model.release('review')
held_back()
T.eq(reviewed(), false, 'not yet')
tui.close_command_window()
see('<Badge />')
T.eq(reviewed(), true, 'now')
keys(':Hob reject<CR>')
ended(4, 'declined')

-- A review whose job ends before.
edit('ended')
tui.open_command_window()
T.model.release('ended')
held_back()
lua('vim.cmd.Hob("cancel")')
ended(5, 'cancelled')
tui.close_command_window()
T.wait('nothing waits', function()
  return lua("return #vim.api.nvim_get_autocmds({ event = 'CmdwinLeave' }) == 0")
end)
T.eq(reviewed(), false, 'nothing to decide about')
T.eq(lua('return table.concat(vim.api.nvim_buf_get_lines(1, 0, -1, false), "\\n")') .. '\n', app, 'untouched')

tui.no_errors()
tui.close()
