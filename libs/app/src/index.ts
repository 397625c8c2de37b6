export { AppModule } from './app.module.js';
export { migrations } from './migrations.js';
export { ProjectorModule } from './projector.module.js';
