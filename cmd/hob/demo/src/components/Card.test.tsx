import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { Card } from './Card';

test('Card shows its title and children', () => {
  render(<Card title="Tea">is ready</Card>);
  expect(screen.getByText('Tea')).toBeTruthy();
  expect(screen.getByText('is ready')).toBeTruthy();
});
