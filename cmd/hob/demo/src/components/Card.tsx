import type { ReactNode } from 'react';
import styles from './Card.module.css';

export interface CardProps {
  title: string;
  children: ReactNode;
  elevated?: boolean;
}

export function Card({ title, children, elevated = false }: CardProps) {
  return (
    <section className={elevated ? `${styles.card} ${styles.elevated}` : styles.card}>
      <h2 className={styles.title}>{title}</h2>
      {children}
    </section>
  );
}
