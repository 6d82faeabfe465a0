// Who else has a task or a case open: the pages of both load it; without script they tell who had it open at load.
import "./styles/presence.css";

import { watchPresence } from "./page/presence";

watchPresence(document);
