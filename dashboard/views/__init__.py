"""One module a page. Not `pages`: Streamlit would take a folder of that name for its older multipage mode."""
