-- What a user feels: typing while a job runs, and how long it takes until something is seen.
local T = ...
local tui = T.tui()
-- In short turns: what else the machine does meets both sides alike.
local rounds, characters, edits = 24, 250, 15

local body = {}
for i = 1, 200 do
  body[i] = ('\tn += %d * (n + %d)'):format(i, i)
end
local function func(lines)
  return 'func work(n int) int {\n' .. table.concat(lines, '\n') .. '\n\treturn n\n}\n'
end
local original = 'package main\n\n// notes:\n\n' .. func(body)
tui.open(T.write('main.go', original))

local typed = 0
_G.bench_typed = function()
  typed = typed + 1
end
-- TextChangedI comes when a key is worked off, right before the screen is drawn; the next key waits for that.
tui.lua(
  [[
  local channel = ...
  vim.api.nvim_create_autocmd('TextChangedI', {
    callback = function() vim.rpcnotify(channel, 'nvim_exec_lua', 'bench_typed()', {}) end,
  })
]],
  vim.rpcrequest(tui.channel, 'nvim_get_api_info')[1] -- this one, as that one calls it
)

local function median(values)
  table.sort(values)
  return values[math.ceil(#values / 2)]
end

--- The processor time that the other Neovim has used, in milliseconds. What the server and the model's script do
--- is not in it, though they run on the same machine.
local function cpu()
  local used = tui.lua('return vim.uv.getrusage()')
  return (used.utime.sec + used.stime.sec) * 1e3 + (used.utime.usec + used.stime.usec) / 1e3
end

--- Types characters, one when the one before is on the screen.
---@return { wall: number, cpu: number } milliseconds for all of them
local function type_characters()
  tui.keys('3Gcc')
  T.wait('insert mode', function()
    return tui.lua('return vim.api.nvim_get_mode().mode') == 'i'
  end)
  local used, began = cpu(), vim.uv.hrtime()
  for i = 1, characters do
    local want = typed + 1
    tui.keys(i % 60 == 0 and ' ' or 'x')
    vim.wait(20000, function()
      return typed >= want
    end, 1)
  end
  local took = { wall = (vim.uv.hrtime() - began) / 1e6, cpu = cpu() - used }
  tui.keys('<Esc>')
  return took
end

local changed = {}
for i = 1, 200 do
  changed[i] = ('\tn += %d * (n - %d)'):format(i, i)
end
local reply = '```go\n' .. func(changed) .. '```'
local function busy()
  -- Some 1,500 tokens at 50 a second, which is longer than the typing takes; a gate holds the end back.
  T.model.says({ text = reply, last = 'minus', decode = 50, gates = { { name = 'end', after = math.floor(#reply / 4) - 2 } } })
  tui.lua("vim.cmd('5,$Hob edit minus')")
  tui.see('hob: edit writing')
  local took = type_characters()
  if not tui.screen():find('hob: edit writing', 1, true) then
    error('the job ended before the typing did')
  end
  tui.lua("vim.cmd('Hob cancel')")
  T.wait('the job ends', function()
    return tui.lua('return #require("hob").status(1).jobs == 0')
  end)
  tui.see('hob')
  T.model.release('end')
  return took
end

-- With and without a job in turn, and first one and then the other.
type_characters() -- what is compiled and loaded once
local idle, streaming, ratios = { wall = {}, cpu = {} }, { wall = {}, cpu = {} }, { wall = {}, cpu = {} }
for i = 1, rounds do
  local without, with
  if i % 2 == 1 then
    without, with = type_characters(), busy()
  else
    with, without = busy(), type_characters()
  end
  for _, clock in ipairs({ 'wall', 'cpu' }) do
    idle[clock][i], streaming[clock][i] = without[clock], with[clock]
    ratios[clock][i] = with[clock] / without[clock]
  end
end

-- From the key to the model, from its first token to the screen, and from one that follows on its heels, when changes
-- are joined so that the screen is not drawn for each. The model's own time is not counted.
local to_model, to_screen, follows = {}, {}, {}
local function timed(after, gate, what)
  local began = vim.uv.hrtime()
  T.model.release(gate)
  tui.see(what, 1)
  table.insert(after, (vim.uv.hrtime() - began) / 1e6)
end
for i = 1, edits do
  local word = ('first%d'):format(i)
  T.model.says({
    text = ('```go\n// %s\nfunc work(n int) int {\n\treturn %s\n}\n```'):format(word, word),
    last = 'be quick',
    chunk = 12, -- the first one ends in the comment, the fifth behind return
    gates = { { name = 'begin' .. i, after = 0 }, { name = 'next' .. i, after = 1 }, { name = 'more' .. i, after = 5 } },
  })
  tui.keys('5GVG:Hob edit<CR>')
  tui.see('Edit selection:')
  tui.keys('be quick')
  tui.see('be quick')
  local pressed = vim.uv.hrtime()
  tui.keys('<CR>')
  T.model.wait_gate('begin' .. i)
  to_model[i] = (vim.uv.hrtime() - pressed) / 1e6
  timed(to_screen, 'begin' .. i, '// fir')
  timed(follows, 'next' .. i, 'return f')
  tui.lua("vim.cmd('Hob cancel')")
  T.wait('the job ends', function()
    return tui.lua('return #require("hob").status(1).jobs == 0')
  end)
  T.model.release('more' .. i)
  tui.lua("vim.cmd('mode')")
end
tui.close()

local f = assert(io.open(vim.env.E2E_OUT, 'w'))
f:write(vim.json.encode({
  ['typing-ratio'] = median(ratios.wall),
  ['typing-cpu-ratio'] = median(ratios.cpu),
  ['typing-ms'] = median(idle.wall) / characters,
  ['busy-ms'] = median(streaming.wall) / characters,
  ['typing-cpu-ms'] = median(idle.cpu) / characters,
  ['busy-cpu-ms'] = median(streaming.cpu) / characters,
  ['key-to-model-ms'] = median(to_model),
  ['token-to-screen-ms'] = median(to_screen),
  ['next-to-screen-ms'] = median(follows),
}))
f:close()
