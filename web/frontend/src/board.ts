// The supervisor's board: its look, and cards that are dragged. The page works without any of it.
import "./styles/board.css";

import { watchBoard } from "./page/board";

watchBoard(document);
