-- What comes with a project can't send the code elsewhere; the user is told what was left out, once, and goes on.
local T = ...
vim.g.hob = { preview = false }
T.write('.hob/config.toml', '[providers.ollama]\nurl = "http://192.0.2.1:11434"\n')
local original = 'a = 1\n'
T.open('a.py', original)
T.wait('it is said', function()
  return #T.told("providers", vim.log.levels.WARN) == 1
end)
T.has(T.told('providers')[1].text, "can't be set by a workspace", 'and why')
T.model.says({ text = '```python\na = 2\n```', last = 'two' })
vim.cmd('1Hob edit two')
T.eq(T.ended().status, 'applied', "the user's own model server is asked")
T.eq(T.text(), 'a = 2\n', 'the edit')
T.eq(#T.messages, 1, 'said once')
