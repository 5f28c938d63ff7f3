-- A component arrives in a new file, which is shown and can be written.
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
T.model.says({ text = '```tsx\n' .. code .. '```', last = 'a badge with a label' })
T.will_choose(1)
vim.cmd.Hob('component a badge with a label')
T.eq(T.ended().status, 'applied', 'component')
T.has(vim.api.nvim_buf_get_name(0), '/src/components/Badge.tsx', 'the new file is shown')
T.eq(T.text(), code, 'its text')
T.eq(#T.told('new file src/components/Badge.tsx'), 1, 'it is named')
vim.cmd('silent write')
T.eq(T.read('src/components/Badge.tsx'), code, 'written')
vim.cmd.buffer(app)

-- Options go to the server; the instant tier needs no model.
vim.cmd.Hob('component tier=instant name=Note dir=src a note with a text')
local result = T.ended()
T.eq({ result.status, result.tier }, { 'applied', 'instant' }, 'instant')
T.has(vim.api.nvim_buf_get_name(0), '/src/Note.tsx', 'shown')
