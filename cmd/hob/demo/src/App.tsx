import { Card } from './components/Card';

export function App() {
  return (
    <main>
      <Card title="Hearth">
        <p>The pot is warm.</p>
      </Card>
    </main>
  );
}
