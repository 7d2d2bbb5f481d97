export interface Document {
  readonly id: string
  readonly title: string
  readonly text: string
}

export const CORPUS: readonly Document[] = [
  { id: 'heat-pump-basics', title: 'How a heat pump works', text: 'A heat pump moves heat instead of making it. For each unit of electricity it delivers about three units of warmth.' },
  { id: 'heat-pump-cost', title: 'What a heat pump costs', text: 'The cost of a heat pump is mostly the installation. Owners of well insulated houses earn it back in about ten years.' },
  { id: 'heat-pump-risk', title: 'When a heat pump disappoints', text: 'The main risk of a heat pump is a badly insulated house: the pump runs all day and the bill grows.' },
  { id: 'heat-pump-cold', title: 'Heat pumps in cold climates', text: 'Norway shows that a heat pump works in cold winters. Only near 25 degrees of frost do they reach their limit.' },
  { id: 'city-bike-lanes', title: 'Bike lanes and traffic', text: 'Protected bike lanes bring more people to cycling. The effect is clear within one year of opening.' },
  { id: 'city-bike-cost', title: 'What bike lanes cost', text: 'The cost of a protected bike lane is small next to a road. Most of it goes into junctions.' },
  { id: 'city-bike-risk', title: 'Where cycling is dangerous', text: 'The risk for cyclists is highest at junctions. Bike lanes meet their limit there, unless the junctions are rebuilt too.' },
  { id: 'city-trees', title: 'Trees against heat', text: 'Street trees cool a city by up to four degrees in summer. The limit is space for roots.' },
  { id: 'city-trees-cost', title: 'What street trees cost', text: 'The cost of a street tree is high in its first three years, when it needs water. Later it needs little.' },
  { id: 'remote-focus', title: 'Remote work and focus', text: 'Remote work gives people longer stretches of focus. The benefit is largest for work that is done alone.' },
  { id: 'remote-cost', title: 'The price of remote work', text: 'The cost of remote work shows in onboarding: new colleagues take about a month longer to feel at home.' },
  { id: 'remote-risk', title: 'Loneliness and remote work', text: 'A risk of remote work is loneliness. Two days a week without colleagues is the limit for many.' },
  { id: 'sqlite-server', title: 'SQLite on servers', text: 'SQLite works well on a server with one writer. Its benefit is that there is nothing to operate.' },
  { id: 'sqlite-limit', title: 'The limits of SQLite', text: 'The risk of SQLite on a server is write contention: one writer at a time. Short transactions keep the queue small.' },
  { id: 'sqlite-backup', title: 'Backups of SQLite', text: 'The cost of a SQLite backup is one file copy. Streaming replication makes it continuous.' },
  { id: 'agents-approval', title: 'Agents that ask first', text: 'Agents that ask before a dangerous action are trusted sooner. The benefit outweighs the waiting.' },
  { id: 'agents-cost', title: 'What agents cost', text: 'The cost of agents grows with the length of their conversations. Short contexts keep the bill small.' },
  { id: 'agents-risk', title: 'How agents fail', text: 'The risk of agents is quiet failure. Checkpoints limit the damage: one can look back and try again.' },
  { id: 'bread-sourdough', title: 'Patience and sourdough', text: 'Sourdough bread needs time rather than work. A cold night improves its taste.' },
  { id: 'coffee-water', title: 'Water and coffee', text: 'Coffee is mostly water, so hard water makes it dull. A simple filter is enough.' },
]
