// The worker in which networks are trained, so that neither the page nor the plant waits for them.
import { serveNeuralFits } from 'twinergy/models/neural';

serveNeuralFits(self);
