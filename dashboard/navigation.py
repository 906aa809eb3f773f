"""The script that Streamlit runs for every visitor: style, demo banner, pages."""

from pathlib import Path

import streamlit as st

from dashboard import choices, data, layout
from dashboard.views import catalogue, health, market, options, portfolio, price, risk, signals

FOLDER = Path(__file__).parent
SECONDS_BETWEEN_LOOKS = 5.0


def main() -> None:
    st.set_page_config(page_title="Quant", page_icon=str(FOLDER / "favicon.png"), layout="wide")
    st.html(FOLDER / "style.css")
    page = st.navigation(
        [
            st.Page(layout.guarded(market.show), title="Market", icon=":material/monitoring:", default=True),
            _page(price.show, "Price", "candlestick_chart", "price"),
            _page(risk.show, "Risk", "shield", "risk"),
            _page(options.show, "Options", "stacked_line_chart", "options"),
            _page(portfolio.show, "Portfolio", "pie_chart", "portfolio"),
            _page(signals.show, "Signals", "notifications", "signals"),
            _page(health.show, "Data health", "database", "data-health"),
            _page(catalogue.show, "Catalogue", "menu_book", "catalogue"),
        ],
        position="top",
    )
    st.set_page_config(page_title=f"{page.title} · Quant")
    if data.settings().demo:
        layout.demo_banner()
    _follow_builds()
    choices.arrive(page.url_path)
    page.run()


def _page(show: layout.Page, title: str, icon: str, path: str) -> st.Page:
    return st.Page(layout.guarded(show), title=title, icon=f":material/{icon}:", url_path=path)


def _follow_builds() -> None:
    """Show the page anew when a newer build answers, and say so when one could not be opened."""
    build_id, problem = data.build()
    if build_id and problem:
        st.warning(layout.sentence(problem), icon=":material/history:")

    def look() -> None:
        if data.build() != (build_id, problem):
            st.rerun()

    layout.refreshing(SECONDS_BETWEEN_LOOKS, "follow_builds")(look)()


main()
